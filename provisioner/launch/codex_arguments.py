"""The arguments a user gives to Codex → what they ask for, as far as a launch has to know."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.knowledge.codex_commands import (
    CodexCommand,
    codex_command,
    codex_value_options,
)
from provisioner.knowledge.version import Version

__all__ = ["asks_the_model", "runs_exec", "with_profile"]

_JUST_TELLS = frozenset({"--help", "--version", "-V", "-h"})
_END_OF_OPTIONS = "--"


def asks_the_model(arguments: Sequence[str], codex: Version) -> bool:
    """Say whether that Codex with `arguments` may send a request to the model."""
    if _JUST_TELLS & set(_before_dashes(arguments)):
        return False
    command = _command(arguments, codex)
    # Any other first word is the prompt of the terminal interface.
    return command is None or command.asks_model


def runs_exec(arguments: Sequence[str], codex: Version) -> bool:
    """Say whether `arguments` run Codex without its terminal interface, as `codex exec` does."""
    command = _command(arguments, codex)
    return command is not None and command.runs_exec


def with_profile(arguments: Sequence[str], profile: str, codex: Version) -> list[str]:
    """Return `arguments` with `-p PROFILE` where every version reads it.

    Measured: 0.122 ignores it in front of `exec`, `review` refuses it behind, and 0.134 refuses it
    for commands such as `login`, which have no use for it.
    """
    if not profile or not asks_the_model(arguments, codex):
        return list(arguments)
    place, command = _command_place(arguments), _command(arguments, codex)
    if place is None or command is None or not command.profile_behind:
        return ["-p", profile, *arguments]
    return [*arguments[: place + 1], "-p", profile, *arguments[place + 1 :]]


def _command(arguments: Sequence[str], codex: Version) -> CodexCommand | None:
    place = _command_place(arguments)
    return None if place is None else codex_command(arguments[place], codex)


def _command_place(arguments: Sequence[str]) -> int | None:
    """Return the index of the first word that is neither an option nor its value."""
    skip = False
    for place, argument in enumerate(_before_dashes(arguments)):
        if skip:
            skip = False
        elif argument.startswith("-") and argument != "-":
            skip = argument in codex_value_options()
        else:
            return place
    return None


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    """Return what can hold options and a command: behind `--` all is prompt."""
    words = list(arguments)
    return words[: words.index(_END_OF_OPTIONS)] if _END_OF_OPTIONS in words else words
