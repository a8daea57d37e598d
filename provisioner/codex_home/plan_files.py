"""Each file of a Codex home, what is wanted of it and what we wrote before → its next content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.codex_home.document import Document
from provisioner.codex_home.files import PRIVATE, FileOnDisk
from provisioner.codex_home.merge import Merge, merge
from provisioner.codex_home.model import Change, Conflict, KeyPath, Written
from provisioner.codex_home.shown import shown_value
from provisioner.codex_home.state import FileRecord
from provisioner.codex_home.toml_values import dotted, same, value_of
from provisioner.codex_home.wanted import wanted_keys
from provisioner.errors import InputError

__all__ = ["PlannedFile", "plan_file"]

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file as it is and as it is to be; `text` None means that there is to be no file."""

    name: str
    disk: FileOnDisk
    text: str | None
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    record: FileRecord | None

    @property
    def content(self) -> bytes | None:
        """The bytes it is to have."""
        return None if self.text is None else self.text.encode()

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.content != self.disk.content

    @property
    def mode(self) -> int:
        """The mode it has, or gets when it is new."""
        return PRIVATE if self.disk.mode is None else self.disk.mode


def plan_file(
    path: Path,
    disk: FileOnDisk,
    rendered: str | None,
    record: FileRecord | None,
    *,
    profiles_are_files: bool,
) -> PlannedFile:
    """Decide about the file at `path`; `rendered` is None when it is no longer wanted.

    Raises `InputError` when it is not UTF-8 or not TOML, `RefusedError` when it cannot be edited.
    """
    text = _decoded(path, disk.content)
    is_created = record is not None and record.mode is None and text == record.text
    if text is None or is_created:
        return _whole(path, disk, text, rendered, record)
    document = Document.parse(str(path), text.removeprefix(_MARK))
    wanted = wanted_keys(Document.parse(f"the rendered {path.name}", rendered or ""))
    keys = record.keys if record else {}
    merged = merge(path.name, document, wanted, keys, profiles_are_files=profiles_are_files)
    return _merged(path, disk, text, merged, record)


def _decoded(path: Path, content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: this is not UTF-8; correct it first") from error


def _whole(
    path: Path, disk: FileOnDisk, text: str | None, rendered: str | None, record: FileRecord | None
) -> PlannedFile:
    """Write a file that is not there, or that nobody but us wrote, just as it was rendered."""
    old = wanted_keys(Document.parse(str(path), text or ""))
    new = wanted_keys(Document.parse(f"the rendered {path.name}", rendered or ""))
    changes = tuple(_compared(path.name, old, new))
    mode = record.mode if record else None
    if rendered is None:
        kept = None if mode is None else record
        return PlannedFile(path.name, disk, None, changes, (), kept)
    keys = {key: Written(raw, None) for key, raw in new.items()}
    after = FileRecord(_target(disk), mode, rendered, keys)
    return PlannedFile(path.name, disk, rendered, changes, (), after)


def _compared(
    name: str, old: Mapping[KeyPath, str], new: Mapping[KeyPath, str]
) -> Iterator[Change]:
    for key in {**old, **new}:
        was, becomes = old.get(key), new.get(key)
        if was is not None and becomes is not None and same(value_of(was), value_of(becomes)):
            continue
        kind = "added" if was is None else "removed" if becomes is None else "replaced"
        yield Change(name, dotted(key), kind, shown_value(key, was), shown_value(key, becomes))


def _merged(
    path: Path, disk: FileOnDisk, text: str, merged: Merge, record: FileRecord | None
) -> PlannedFile:
    mark = _MARK if text.startswith(_MARK) else ""
    new: str | None = mark + merged.text
    is_created = record is not None and record.mode is None
    # Nothing is left of a file that we made and no longer want.
    if is_created and not merged.written and not merged.text.strip():
        new = None
    after = _record(disk, text, mark + merged.text, merged, record)
    return PlannedFile(path.name, disk, new, merged.changes, merged.conflicts, after)


def _record(
    disk: FileOnDisk, text: str, new: str, merged: Merge, record: FileRecord | None
) -> FileRecord | None:
    if record is None:
        return FileRecord(_target(disk), disk.mode, new, merged.written) if merged.changes else None
    # Undo knows only our own texts, so an edit in between must keep it from going back.
    left = new if text == record.text else record.text
    return FileRecord(_target(disk), record.mode, left, merged.written)


def _target(disk: FileOnDisk) -> str | None:
    return str(disk.target) if disk.is_link else None
