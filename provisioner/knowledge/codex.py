"""Codex CLI versions: what each accepts and does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = [
    "Change",
    "CodexRelease",
    "CredentialRule",
    "changes",
    "codex_release",
    "credential_rules",
    "newest_codex",
    "oldest_codex",
]


@dataclass(frozen=True, slots=True)
class Change:
    """A behaviour that Codex has from a version on."""

    name: str
    since: Version
    meaning: str
    source: str
    until: Version | None = None
    """First version without it again."""

    def holds_for(self, version: Version) -> bool:
        """Say whether `version` does this."""
        return self.since <= version and (self.until is None or version < self.until)


@dataclass(frozen=True, slots=True)
class CredentialRule:
    """What Codex sends as Authorization, given its provider table and what is there to send."""

    provider: str
    present: str
    sent: str
    source: str
    since: Version | None
    until: Version | None


@cache
def changes() -> tuple[Change, ...]:
    """Every behaviour change that is known, oldest first."""
    return tuple(
        Change(
            row["name"],
            Version.parse(row["since"]),
            row["meaning"],
            row["source"],
            Version.parse(row["until"]) if "until" in row else None,
        )
        for row in toml_data("codex.toml")["change"]
    )


@cache
def credential_rules() -> tuple[CredentialRule, ...]:
    """The authorization matrix as it was measured."""
    return tuple(
        CredentialRule(
            provider=row["provider"],
            present=row["present"],
            sent=row["sent"],
            source=row["source"],
            since=Version.parse(row["since"]) if "since" in row else None,
            until=Version.parse(row["until"]) if "until" in row else None,
        )
        for row in toml_data("codex.toml")["credential"]
    )


@cache
def oldest_codex() -> Version:
    """Oldest version that was measured."""
    return Version.parse(toml_data("codex.toml")["oldest"])


@cache
def newest_codex() -> Version:
    """Newest version that was measured."""
    return Version.parse(toml_data("codex.toml")["newest"])


class CodexRelease:
    """What one version does; a version newer than the newest measured is treated as that one."""

    def __init__(self, version: Version) -> None:
        """Look up `version` in the list of changes."""
        self.version = version
        self._has = {change.name: change.holds_for(version) for change in changes()}

    def has(self, change: str) -> bool:
        """Say whether the change called `change` is in; `KeyError` for an unknown name."""
        return self._has[change]

    @property
    def is_measured(self) -> bool:
        """Whether the version lies within what was measured."""
        return oldest_codex() <= self.version <= newest_codex()

    @property
    def reasoning_efforts(self) -> tuple[str, ...] | None:
        """The only efforts this version accepts, or None where it accepts any text."""
        if self.has("free_reasoning_effort"):
            return None
        return tuple(toml_data("codex.toml")["reasoning_effort"]["fixed"])

    @property
    def service_tiers(self) -> tuple[str, ...] | None:
        """The only service tiers this version accepts, or None where it accepts any text."""
        if self.has("free_service_tier"):
            return None
        return tuple(toml_data("codex.toml")["service_tier"]["fixed"])


def codex_release(version: str) -> CodexRelease:
    """Return what is known of `version`; `ValueError` when it is no version."""
    return CodexRelease(Version.parse(version))
