"""The commands of the Codex CLI, by version: which there are, and which ask the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["CodexCommand", "codex_command", "codex_value_options"]


class CodexCommand(Struct, frozen=True):
    """One command; where a version does not have it, the word is a prompt."""

    name: str
    asks_model: bool
    """Whether it can send a request to the model."""
    runs_exec: bool
    """Whether it runs without the terminal interface, as `codex exec` does."""
    profile_behind: bool
    """Whether it takes `-p NAME` behind it."""
    since: Version | None
    until: Version | None

    def is_in(self, codex: Version) -> bool:
        """Say whether that Codex has the command."""
        has_begun = self.since is None or self.since <= codex
        return has_begun and (self.until is None or codex < self.until)


def codex_command(word: str, codex: Version) -> CodexCommand | None:
    """Return the command that `word` names in that Codex, or None when it names none."""
    command = _commands().get(word)
    return command if command is not None and command.is_in(codex) else None


@cache
def codex_value_options() -> frozenset[str]:
    """Options of Codex that take a value; the word after one of them is no command."""
    return frozenset(toml_data("codex_commands.toml")["value_options"])


@cache
def _commands() -> Mapping[str, CodexCommand]:
    """Every command by its name and by its other names."""
    found: dict[str, CodexCommand] = {}
    for name, row in toml_data("codex_commands.toml")["commands"].items():
        command = CodexCommand(
            name=name,
            asks_model=row.get("asks_model", False),
            runs_exec=row.get("runs_exec", False),
            profile_behind=row.get("profile_behind", False),
            since=Version.parse(row["since"]) if "since" in row else None,
            until=Version.parse(row["until"]) if "until" in row else None,
        )
        found |= dict.fromkeys((name, *row.get("aliases", ())), command)
    return found
