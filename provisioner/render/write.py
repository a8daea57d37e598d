"""Files → a folder on disk: all of them or none, and never over a change somebody else made."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from provisioner.errors import InputError, OutputError

__all__ = ["MANIFEST", "differences", "write_folder"]

MANIFEST = ".provisioner.json"
"""Lists the files that rendering wrote, with their SHA-256, so that edits can be told apart."""


def write_folder(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    executable: Collection[str] = (),
    force: bool = False,
    otherwise: str = "use --force to overwrite it",
) -> tuple[str, ...]:
    """Make `folder` hold `files`, and return the names that changed.

    Those named in `executable` are programs. Other files in the folder stay. Raises `InputError`
    when a file was changed by hand since it was rendered, or was never rendered, unless `force`,
    with what else can be done, `otherwise`;
    `OutputError` when it cannot be written, in which case nothing was changed.
    """
    files = {**files, MANIFEST: _manifest(files)}
    try:
        changed = _changed(folder, files, executable)
        if not force:
            _refuse_foreign(folder, changed, otherwise)
        if changed:
            staged = {name: files[name] for name in changed if name in files}
            _replace(folder, staged, executable)
            for name in changed:
                if name not in files:
                    _remove(folder, name)
    except OSError as error:
        place = error.filename or folder
        raise OutputError(f"cannot write {place}: {error.strerror or error}") from error
    return tuple(name for name in changed if name != MANIFEST)


def differences(
    folder: Path, files: Mapping[str, bytes], executable: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the names of rendered files that `folder` holds otherwise, lacks, or should not have.

    Raises `InputError` when the folder cannot be read.
    """
    try:
        changed = _changed(folder, files, executable)
        return tuple(name for name in changed if name != MANIFEST)
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror or error}") from error


def _manifest(files: Mapping[str, bytes]) -> bytes:
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    return (json.dumps({"version": 1, "files": hashes}, indent=2) + "\n").encode()


def _previous(folder: Path) -> dict[str, str]:
    """Hashes of the last rendering; empty when there was none."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        hashes = {str(name): str(value) for name, value in content["files"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / MANIFEST} is damaged; remove it to render again") from error
    for name in hashes:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or not inside:
            raise InputError(f'{folder / MANIFEST} names "{name}", which is outside the folder')
    return hashes


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_executable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXUSR)


def _changed(folder: Path, files: Mapping[str, bytes], executable: Collection[str]) -> list[str]:
    """A file that became executable by itself, as all do on some disks, has not changed."""
    stale = [name for name in _previous(folder) if name not in files and (folder / name).exists()]
    changed = [
        name
        for name in files
        if _read(folder / name) != files[name]
        or (name in executable and not _is_executable(folder / name))
    ]
    return changed + stale


def _refuse_foreign(folder: Path, changed: list[str], otherwise: str) -> None:
    previous = _previous(folder)
    for name in changed:
        present = None if name == MANIFEST else _read(folder / name)
        if present is None or hashlib.sha256(present).hexdigest() == previous.get(name):
            continue
        was = "was changed by hand since it was rendered"
        if name not in previous:
            was = "was there before and is not ours"
        raise InputError(f"{folder / name} {was}; move it away, or {otherwise}")


def _replace(folder: Path, files: Mapping[str, bytes], executable: Collection[str]) -> None:
    """Write everything beside its place first: what can fail, fails before the first rename."""
    if folder.exists():
        with _staging(folder) as staging:
            _stage(staging, files, executable)
            _move_in(folder, staging, files)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _staging(folder.parent) as staging:
        _stage(staging / folder.name, files, executable)
        (staging / folder.name).rename(folder)


def _stage(staging: Path, files: Mapping[str, bytes], executable: Collection[str]) -> None:
    for name, content in files.items():
        _write(staging / name, content)
        if name in executable:
            mode = (staging / name).stat().st_mode
            (staging / name).chmod(mode | (mode & 0o444) >> 2)  # For those who may read it.


def _move_in(folder: Path, staging: Path, files: Mapping[str, bytes]) -> None:
    """Put the staged files in place; after a failure, put back what was there."""
    before = {name: _kept(folder / name) for name in files}
    moved: list[str] = []
    try:
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(folder / name)
            moved.append(name)
    except OSError:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (kept := before[name]) is not None:
                (folder / name).write_bytes(kept[0])
                (folder / name).chmod(kept[1])
        raise


def _kept(path: Path) -> tuple[bytes, int] | None:
    """Return what a file has in it, and its mode."""
    content = _read(path)
    return None if content is None else (content, stat.S_IMODE(path.stat().st_mode))


def _remove(folder: Path, name: str) -> None:
    """Remove a file, and the folders below `folder` that held nothing else."""
    (folder / name).unlink(missing_ok=True)
    for parent in PurePosixPath(name).parents[:-1]:
        try:
            (folder / parent).rmdir()
        except OSError:  # Somebody has something in it.
            return


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder inside `folder`, on the same file system, and remove it in the end."""
    staging = Path(tempfile.mkdtemp(prefix=".provisioner-", dir=folder))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
