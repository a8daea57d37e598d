"""The state folder of a Codex home: originals, state, and the journal that makes changes whole."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from provisioner.codex_home.files import PRIVATE, look, put, remove
from provisioner.codex_home.lock import FOLDER, check_folder, discard_folder, locked
from provisioner.codex_home.state import Journal, JournalStep, State
from provisioner.errors import InputError, OutputError

__all__ = ["Store", "sha256"]

_MOST_OPEN = 0o644
_Record = TypeVar("_Record", State, Journal)


def sha256(content: bytes | None) -> str | None:
    """Return the hash of `content`, None when there is none."""
    return None if content is None else hashlib.sha256(content).hexdigest()


class Store:
    """What `.provisioner` in one Codex home holds."""

    def __init__(self, home: Path) -> None:
        """Touch nothing yet."""
        self.home = home
        self._folder = home / FOLDER
        self._originals = self._folder / "original"
        self._state = self._folder / "state.json"
        self._journal = self._folder / "journal.json"

    @property
    def exists(self) -> bool:
        """Whether there is a state folder at all."""
        return self._folder.is_dir()

    @property
    def is_interrupted(self) -> bool:
        """Whether a journal waits to be carried out."""
        return self._journal.exists()

    @contextlib.contextmanager
    def locked(self) -> Iterator[tuple[str, ...]]:
        """Keep others out; finish what was interrupted, and leave no folder without a state.

        Yields the names of the files that were finished.
        """
        with locked(self.home):
            try:
                journal = self._read(self._journal, Journal)
                foreign = self.finish()
                yield (
                    tuple(name for name in journal.steps if name not in foreign) if journal else ()
                )
            finally:
                if not self._journal.exists() and not self._state.exists():
                    self._forget()
                    discard_folder(self.home)

    def state(self) -> State:
        """Return what was applied; raises `InputError` when the file is damaged."""
        return self._read(self._state, State) or State({})

    def original(self, name: str) -> bytes:
        """Return the bytes that the file had; raises `InputError` when the backup is gone."""
        try:
            return (self._originals / name).read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"{error.filename} is gone, so nothing can be undone") from error

    def original_path(self, name: str) -> Path:
        """Return where these bytes are."""
        return self._originals / name

    def keep_originals(self, contents: Mapping[str, bytes]) -> None:
        """Back up files before the first change."""
        if contents:
            self._originals.mkdir(mode=0o700, exist_ok=True)
        for name, content in contents.items():
            put(self._originals / name, content, PRIVATE)

    def commit(self, journal: Journal) -> tuple[str, ...]:
        """Carry out `journal`; from here on it will be done even if this process is killed.

        Return the files that somebody changed in the same moment, and that were left alone.
        """
        self._write(self._journal, journal)
        try:
            return self.finish()
        except OSError as error:
            raise OutputError(
                f"cannot write {error.filename or self.home}: {error.strerror or error}; once it"
                " can be written, apply and undo complete what was begun"
            ) from error

    def finish(self) -> tuple[str, ...]:
        """Carry out the journal, if there is one; leave alone what somebody changed meanwhile."""
        journal = self._read(self._journal, Journal)
        if journal is None:
            return ()
        foreign = tuple(name for name in journal.steps if not self._step(name, journal))
        state = journal.state
        if state is None and foreign:
            records = self.state().files
            state = State({name: records[name] for name in foreign if name in records})
        if state is None:
            self._forget()
        else:
            self._write(self._state, state)
            remove(self._journal)
        return foreign

    def _step(self, name: str, journal: Journal) -> bool:
        """Replace one file, unless that is done; return False when it is not as it was."""
        step = journal.steps[name]
        path = self._place(name, step)
        present = look(path)
        after = None if step.text is None else step.text.encode()
        # A file may stay as open as it is; nothing makes one that others can write or run.
        mode = step.mode if step.mode == present.mode else step.mode & _MOST_OPEN
        if present.content == after:
            if present.mode not in {mode, None}:
                path.chmod(mode)
        elif sha256(present.content) != step.before:
            return False
        elif after is None:
            remove(path)
        else:
            put(path, after, mode)
        return True

    def _place(self, name: str, step: JournalStep) -> Path:
        """Return the file of this home, or the one that it links to; raises `InputError`."""
        path = self.home / name
        if step.target is None:
            return path
        if not path.is_symlink() or os.path.realpath(path) != step.target:
            raise InputError(
                f"{self._journal} cannot be used: {path} is no link to {step.target};"
                f" the original files are in {self._originals}"
            )
        return Path(step.target)

    def _forget(self) -> None:
        """Remove all but the lock, the journal last: until then this can be taken up again."""
        if self._originals.exists():
            shutil.rmtree(self._originals)
        for path in (self._state, self._journal):
            remove(path)

    def _read(self, path: Path, kind: type[_Record]) -> _Record | None:
        check_folder(self.home)
        try:
            return kind.from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise InputError(
                f"{path} cannot be used: {error}; the original files are in {self._originals}"
            ) from error

    def _write(self, path: Path, record: State | Journal) -> None:
        put(path, json.dumps(record.as_json(), indent=1).encode(), PRIVATE)
