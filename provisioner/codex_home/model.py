"""What apply and undo say about a Codex home, and why they may refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from provisioner.errors import ProvisionerError
from provisioner.finding import Position

__all__ = ["Applied", "Change", "Conflict", "KeyPath", "RefusedError", "Undone", "Written"]

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to one key; both are TOML values."""

    raw: str | None
    """What we wrote, None when we removed the key."""
    before: str | None
    """What stood there, None when nothing did."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key that was changed; secrets in the values are masked."""

    file: str
    key: str
    kind: str
    """`added`, `replaced` or `removed`."""
    old: str
    """The TOML value that was there, empty when added."""
    new: str
    """The TOML value that is there now, empty when removed."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that is not ours and stands in the way."""

    position: Position
    message: str
    can_be_forced: bool


class RefusedError(ProvisionerError):
    """The files were read, and changing them could lose or break something; nothing was changed."""

    exit_code = 1

    conflicts: Mapping[str, Sequence[Conflict]] = MappingProxyType({})
    """What stands in the way, by the name of its file; secrets in it are masked."""

    @classmethod
    def of_conflicts(cls, home: Path, conflicts: Mapping[str, Sequence[Conflict]]) -> RefusedError:
        """Return the error that lists `conflicts`, found in `home`."""
        lines = [
            f"\n  {home / name}:{item.position.line}:{item.position.column}: {item.message}"
            for name, items in conflicts.items()
            for item in items
        ]
        advice = (
            "\nmove your settings away, or use --force: they are backed up, and undo restores them"
        )
        can_be_forced = all(item.can_be_forced for items in conflicts.values() for item in items)
        error = cls(
            "nothing was changed, because this is not ours:"
            + "".join(lines)
            + advice * can_be_forced
        )
        error.conflicts = conflicts
        return error


@dataclass(frozen=True, slots=True)
class Applied:
    """What apply changed, or would change."""

    files: tuple[str, ...]
    """Names of the files that were written or removed."""
    changes: tuple[Change, ...]
    diff: str
    """Unified diff of all files, only lines that differ; secrets are masked."""
    completed: tuple[str, ...] = ()
    """Names of the files that an interrupted apply or undo had left to be done."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undo did, by names of files."""

    restored: tuple[str, ...]
    """Those that are as they were before the first apply, byte by byte."""
    removed: tuple[str, ...]
    """Those that apply had made."""
    by_key: tuple[str, ...] = ()
    """Those that were edited since: only our keys are as they were."""
    kept: tuple[str, ...] = ()
    """`FILE: KEY` of each key that was changed since, and stays so."""
    completed: tuple[str, ...] = ()
    """Those that an interrupted apply or undo had left to be done."""
