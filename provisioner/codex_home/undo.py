"""A Codex home that apply changed → the files and folders that were there before."""

from __future__ import annotations

from pathlib import Path

from provisioner.codex_home.files import PRIVATE, FileOnDisk, look, os_errors
from provisioner.codex_home.model import RefusedError, Undone
from provisioner.codex_home.shown import shown_diff
from provisioner.codex_home.state import FileRecord, Journal, JournalStep
from provisioner.codex_home.store import Store, sha256
from provisioner.errors import OutputError

__all__ = ["undo"]


def undo(codex_home: Path) -> Undone:
    """Restore bytes and mode of every file as before the first apply, and remove what was made.

    With nothing to undo, nothing is done. Raises `RefusedError` when a file was edited since the
    last apply, `InputError` when the state is damaged, and `OutputError` when a file cannot be
    written.
    """
    store = Store(codex_home.absolute())
    if not store.exists:
        return Undone((), ())
    with os_errors(store.home), store.locked():
        records = store.state().files
        steps = {name: _step(store, name, record) for name, record in records.items()}
        if steps:
            foreign = store.commit(Journal(steps, None))
            if foreign:
                raise OutputError(
                    f"{', '.join(foreign)} was written by another program at the same time and"
                    " left alone; undo again"
                )
    return Undone(
        tuple(name for name, record in records.items() if record.mode is not None),
        tuple(name for name, record in records.items() if record.mode is None),
    )


def _step(store: Store, name: str, record: FileRecord) -> JournalStep:
    present = look(store.home / name)
    original = None if record.mode is None else store.original(name)
    if present.content not in {original, record.text.encode()}:
        raise RefusedError(_edited(store, name, record, present))
    if present.content is not None and record.target != _target(present):
        raise RefusedError(
            f"{store.home / name} is not the {'link' if record.target else 'file'} it was;"
            " nothing was changed"
        )
    return JournalStep(
        record.target,
        sha256(present.content),
        None if original is None else original.decode(),
        PRIVATE if record.mode is None else record.mode,
    )


def _target(present: FileOnDisk) -> str | None:
    return str(present.target) if present.is_link else None


def _edited(store: Store, name: str, record: FileRecord, present: FileOnDisk) -> str:
    now = (present.content or b"").decode(errors="replace")
    kept = store.original_path(name)
    original = f"the original is {kept}" if record.mode is not None else "there was no such file"
    return (
        f"{store.home / name} was {'removed' if present.content is None else 'edited'} since the"
        f" last apply, and undo would lose that; nothing was changed, and {original}\n"
        f"{shown_diff(name, record.text, now)}"
    ).rstrip()
