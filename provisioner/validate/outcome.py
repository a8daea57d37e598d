"""A checked Codex home → what the next run of Codex will do, in one line and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from provisioner.finding import CheckResult, Severity
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.credential import credential
from provisioner.validate.rule import Rule
from provisioner.validate.sends import Sends, sends
from provisioner.validate.workspace import Workspace

__all__ = ["CodexCheckResult", "Outcome", "outcome"]

# Errors of these rules end Codex before it sends anything.
_REFUSING = frozenset({"PRV001", "PRV501", "PRV503", "PRV506", "PRV509", "PRV510"})


class Outcome(Struct, frozen=True, dict=True):
    """What will happen; `sends` is None when Codex stops before the first request."""

    sentence: str
    sends: Sends | None

    def as_data(self) -> dict[str, Any] | None:
        """Return what is sent as plain data, secrets as hints."""
        if self.sends is None:
            return None
        found = self.sends.credential
        return {
            "url": self.sends.url,
            "provider": self.sends.provider,
            "credential": {
                "kind": found.kind.value,
                "from": found.words,
                "hint": found.secret.hint if found.secret else None,
            }
            if found and not found.is_dropped
            else None,
            "headers": [
                {"name": header.name, "from": header.source, "hint": header.secret.hint}
                for header in self.sends.headers
            ],
        }


class CodexCheckResult(CheckResult, frozen=True):
    """The findings of a Codex home, and what Codex will do with it."""

    outcome: Outcome = Outcome("", None)


def outcome(workspace: Workspace, home: CodexHome, rules: Sequence[Rule]) -> Outcome:
    """Say what the next run of Codex does, whatever findings were selected or left out."""
    codex = f"Codex {home.release.version}"
    if _is_refused(workspace, home, rules):
        return Outcome(f"{codex} will not start, and sends nothing", None)
    sent = sends(home)
    if sent is None:
        missing = credential(home)
        name = missing.asked_by.value if missing and missing.asked_by else ""
        return Outcome(f"{codex} will stop before the first request: {name} is not set", None)
    return Outcome(sent.sentence(codex), sent)


def _is_refused(workspace: Workspace, home: CodexHome, rules: Sequence[Rule]) -> bool:
    folder = home.config_path.removesuffix("config.toml")
    read = {home.config_path, *(document.path for document in home.run.documents)}
    if home.selected_profile and home.reads_profile_files:
        read.add(f"{folder}{home.selected_profile}.config.toml")
    return (
        home.profile_refusal is not None
        or home.stops_at_login
        or home.stops_at_token
        or any(
            finding.severity is Severity.ERROR and finding.path in read
            for rule in rules
            if rule.code in _REFUSING
            for finding in rule.check(workspace)
        )
    )
