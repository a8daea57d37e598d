"""A Codex home that apply changed → the files and folders that were there before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from provisioner.codex_home.files import PRIVATE, FileOnDisk, look, os_errors
from provisioner.codex_home.model import RefusedError, Undone
from provisioner.codex_home.plan_files import plan_file
from provisioner.codex_home.state import FileRecord, Journal, JournalStep
from provisioner.codex_home.store import Store, sha256
from provisioner.codex_home.verify import edited_keys
from provisioner.errors import OutputError

__all__ = ["undo"]


@dataclass(frozen=True, slots=True)
class _FileUndo:
    step: JournalStep
    by_key: bool
    kept: tuple[str, ...] = ()


def undo(codex_home: Path) -> Undone:
    """Restore every file as before the first apply, and remove what was made.

    A file that nobody changed since gets its bytes and its mode back. In one that was edited since,
    each key gets back what it had, as far as it still is as apply left it; all other edits stay.
    With nothing to undo, nothing is done.

    Raises `RefusedError` when a file was removed, or cannot be edited safely, `InputError` when
    it is not TOML or the state is damaged, and `OutputError` when a file cannot be written.
    """
    store = Store(codex_home.absolute())
    if not store.exists:
        return Undone((), ())
    with os_errors(store.home), store.locked() as completed:
        records = store.state().files
        files = {name: _file_undo(store, name, record) for name, record in records.items()}
        if files:
            steps = {name: file.step for name, file in files.items()}
            foreign = store.commit(Journal(steps, None))
            if foreign:
                raise OutputError(
                    f"{', '.join(foreign)} was written by another program at the same time and"
                    " left alone; undo again"
                )
    left = {name: file for name, file in files.items() if file.step.text is not None}
    return Undone(
        tuple(name for name, file in left.items() if not file.by_key),
        tuple(name for name in files if name not in left),
        tuple(name for name, file in left.items() if file.by_key),
        tuple(f"{name}: {key}" for name, file in files.items() for key in file.kept),
        completed,
    )


def _file_undo(store: Store, name: str, record: FileRecord) -> _FileUndo:
    present = look(store.home / name)
    original = None if record.mode is None else store.original(name)
    if present.content not in {original, record.text.encode()}:
        return _by_key(store, name, record, present)
    if present.content is not None and record.target != _target(present):
        raise RefusedError(
            f"{store.home / name} is not the {'link' if record.target else 'file'} it was;"
            " nothing was changed"
        )
    text = None if original is None else original.decode()
    mode = PRIVATE if record.mode is None else record.mode
    return _FileUndo(JournalStep(_target(present), sha256(present.content), text, mode), False)


def _by_key(store: Store, name: str, record: FileRecord, present: FileOnDisk) -> _FileUndo:
    path = store.home / name
    if present.content is None:
        raise RefusedError(
            f"{path} was removed since the last apply, and undo would bring it back; nothing was"
            f" changed, and the original is {store.original_path(name)}"
        )
    # As an apply does that no longer wants anything of this file.
    planned = plan_file(path, present, None, record, profiles_are_files=True)
    if planned.conflicts:
        raise RefusedError.of_conflicts(store.home, {name: planned.conflicts})
    step = JournalStep(
        _target(present), sha256(present.content), planned.text, present.mode or PRIVATE
    )
    return _FileUndo(step, True, edited_keys(planned.text or "", record.text, record.keys))


def _target(present: FileOnDisk) -> str | None:
    return str(present.target) if present.is_link else None
