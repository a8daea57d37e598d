"""The same command again → the same output, without importing what made it."""

from __future__ import annotations

import os
import sys

from provisioner.cache.entry import fingerprint, recall_entry, remember_entry
from provisioner.cache.store import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CHECKOUTS", "again", "keep", "key"]

CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")
"""Where GitHub, GitLab and Jenkins have the checkout, which the paths they show start at."""

_REPEATED = "validate"
_ROOM = "runs"
# What the output depends on beside the arguments and the files.
_ENVIRONMENT = (*CHECKOUTS, "FORCE_COLOR", "NO_COLOR", "TERM")


def key(arguments: Sequence[str]) -> str:
    """Name what this run depends on, except for the files; empty for one that is not repeated."""
    if arguments[:1] != [_REPEATED] or "--no-cache" in arguments:
        return ""
    if any(word.startswith("--terraform") for word in arguments):
        return ""  # What Terraform says depends on more than was looked at.
    try:
        facts = [os.getcwd(), str(sys.stdout.isatty()), sys.stdout.encoding]
        facts += [os.environ.get(name, "") for name in _ENVIRONMENT]
        return digest(fingerprint(), *(os.fsencode(item) for item in [*facts, *arguments]))
    except (OSError, ValueError):
        return ""


def keep(key: str, seen: Mapping[tuple[str, str], str], text: str, exit_code: int) -> None:
    """Keep what a run wrote, for as long as everything it has `seen` is as it was."""
    remember_entry(_ROOM, key, seen, f"{exit_code}\n{text}".encode("utf-8", "surrogatepass"))


def again(key: str) -> int | None:
    """Write what the run wrote that had this key, and return its exit code; None if unknown."""
    found = recall_entry(_ROOM, key)
    if found is None:
        return None
    code, _, text = found[0].decode("utf-8", "surrogatepass").partition("\n")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError):  # The whole command says what is wrong with the output.
        return None
    return int(code)
