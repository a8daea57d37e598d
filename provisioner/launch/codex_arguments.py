"""The arguments a user gives to Codex → what they ask for, as far as a launch has to know."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["asks_the_model", "runs_exec", "with_profile"]

# Options of Codex that take a value; the word after them is no command.
_WITH_VALUE = frozenset(
    {
        "--add-dir", "--ask-for-approval", "--cd", "--color", "--config", "--disable", "--enable",
        "--image", "--local-provider", "--model", "--output-last-message", "--output-schema",
        "--profile", "--remote", "--remote-auth-token-env", "--sandbox",
        "-C", "-a", "-c", "-i", "-m", "-o", "-p", "-s",
    }
)  # fmt: skip
_JUST_TELLS = frozenset({"--help", "--version", "-V", "-h"})
# Commands that reach a model, besides Codex without a command.
_PROMPTING = frozenset(
    {"e", "exec", "exec-server", "fork", "mcp-server", "app-server", "resume", "review"}
)
# Those among them that run without the terminal interface.
_EXEC = frozenset({"e", "exec", "review"})
# Commands that do something else; any other first word is the prompt of the terminal interface.
_OTHERS = frozenset(
    {
        "a", "apply", "app", "archive", "cloud", "completion", "debug", "delete", "doctor",
        "execpolicy", "features", "help", "login", "logout", "mcp", "plugin", "queue", "sandbox",
        "unarchive", "update",
    }
)  # fmt: skip


def asks_the_model(arguments: Sequence[str]) -> bool:
    """Say whether Codex with `arguments` may send a request to the model."""
    if _JUST_TELLS & set(arguments):
        return False
    place = _command_place(arguments)
    return place is None or arguments[place] not in _OTHERS


def runs_exec(arguments: Sequence[str]) -> bool:
    """Say whether `arguments` run Codex without its terminal interface, as `codex exec` does."""
    place = _command_place(arguments)
    return place is not None and arguments[place] in _EXEC


def with_profile(arguments: Sequence[str], profile: str) -> list[str]:
    """Return `arguments` with `-p PROFILE` where every version reads it.

    Measured: 0.122 ignores it in front of `exec`, and 0.134 refuses it for commands such as
    `login`, which have no use for it.
    """
    if not profile or not asks_the_model(arguments):
        return list(arguments)
    place = _command_place(arguments)
    if place is None or arguments[place] not in _PROMPTING:
        return ["-p", profile, *arguments]
    return [*arguments[: place + 1], "-p", profile, *arguments[place + 1 :]]


def _command_place(arguments: Sequence[str]) -> int | None:
    """Return the index of the first word that is neither an option nor its value."""
    skip = False
    for place, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--":
            return None
        elif argument.startswith("-") and argument != "-":
            skip = argument in _WITH_VALUE
        else:
            return place
    return None
