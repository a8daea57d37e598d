"""Codex CLI versions: what each accepts and does."""

from __future__ import annotations

from functools import cache

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["CodexRelease", "codex_release", "newest_codex", "oldest_codex"]


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
        changes = toml_data("codex.toml")["change"]
        self._has = {row["name"]: version >= Version.parse(row["since"]) for row in changes}

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


def codex_release(version: str) -> CodexRelease:
    """Return what is known of `version`; `ValueError` when it is no version."""
    return CodexRelease(Version.parse(version))
