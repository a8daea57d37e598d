"""A template folder → the tar archive that Coder takes, and back to what is in one.

The same files give the same bytes, whatever their dates, owners and folder are. Left out is what
`coder templates push` leaves out: hidden files but the lock file, Terraform's state, and files of
variable values, which Coder replaces by its own (coder/coder, provisionersdk/archive.go). Coder
unpacks no links and no path with `..` in it, so a link to a file of the folder is packed as that
file, and what would be lost without a word is refused.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError

__all__ = ["LIMIT", "LOCK_FILE", "Entry", "content_hash", "folder_entries", "pack", "unpack"]

LIMIT = 1 << 20
"""Bytes that an archive of `coder templates push` stays below."""
LOCK_FILE = ".terraform.lock.hcl"
_TFVARS = ("terraform.tfvars", "terraform.tfvars.json")
_AUTO_TFVARS = (".auto.tfvars", ".auto.tfvars.json")
_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a template."""

    data: bytes
    is_executable: bool = False


def folder_entries(folder: Path) -> dict[str, Entry]:
    """Return what is pushed of `folder`, by its path with slashes.

    Raises `InputError` where no Terraform is in it, or a file cannot be read or packed.
    """
    try:
        found = {path: _entry(folder, path) for path in _paths(folder)}
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    if not any("/" not in path and path.endswith((".tf", ".tf.json")) for path in found):
        raise InputError(f"{folder} holds no .tf file; give the folder of a template, or a spec")
    return found


def pack(entries: Mapping[str, Entry]) -> bytes:
    """Return the tar archive; raises `InputError` for one that is too large for Coder."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=_format(entries)) as archive:
        for folder in _folders(entries):
            item = _item(folder, tarfile.DIRTYPE, 0o755)
            archive.addfile(item)
        for name, entry in sorted(entries.items()):
            item = _item(name, tarfile.REGTYPE, 0o755 if entry.is_executable else 0o644)
            item.size = len(entry.data)
            archive.addfile(item, io.BytesIO(entry.data))
    data = target.getvalue()
    if len(data) >= LIMIT:
        largest = max(entries, key=lambda name: len(entries[name].data))
        raise InputError(
            f"the archive has {len(data):,} bytes and Coder takes less than {LIMIT:,}; the "
            f"largest file is {largest}"
        )
    return data


def unpack(archive: bytes) -> dict[str, Entry]:
    """Return the files of a tar archive, with nothing written anywhere.

    Raises `InputError` for what is none, such as the zip archive of another client.
    """
    found = dict[str, Entry]()
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as items:
            for item in items:
                if item.isreg() and (data := items.extractfile(item)):
                    is_executable = bool(item.mode & stat.S_IXUSR)
                    found[item.name.removeprefix("./")] = Entry(data.read(), is_executable)
    except (tarfile.TarError, EOFError) as error:
        raise InputError(f"not a tar archive: {error}") from error
    return found


def content_hash(entries: Mapping[str, Entry]) -> str:
    """Return a SHA-256 over names, content and executable bits."""
    digest = hashlib.sha256()
    for name, entry in sorted(entries.items()):
        data = hashlib.sha256(entry.data).hexdigest()
        digest.update(repr((name, data, entry.is_executable)).encode())
    return digest.hexdigest()


def _paths(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            path = (Path(place) / name).relative_to(folder).as_posix()
            if _is_pushed(path, name):
                yield path


def _is_pushed(path: str, name: str) -> bool:
    if name.startswith("."):
        return name == LOCK_FILE
    is_values = path in _TFVARS or path.endswith(_AUTO_TFVARS)
    return ".tfstate" not in path and not is_values


def _entry(folder: Path, name: str) -> Entry:
    path = folder / name
    if ".." in name:
        raise InputError(f'{path}: Coder leaves out files with ".." in their path; rename it')
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path} is a link to outside of the folder; Coder takes no links")
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is no file, nor a link to one; Coder takes no other")
    return Entry(path.read_bytes(), bool(mode & stat.S_IXUSR))


def _folders(entries: Mapping[str, Entry]) -> list[str]:
    parents = {str(parent) for name in entries for parent in Path(name).parents}
    return sorted(Path(parent).as_posix() for parent in parents - {"."})


def _format(entries: Mapping[str, Entry]) -> int:
    """Coder asks for ustar; only names that do not fit into it need the other format."""
    fits = all(name.isascii() and len(name) < _NAME_LENGTH for name in entries)
    return tarfile.USTAR_FORMAT if fits else tarfile.PAX_FORMAT


def _item(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    item = tarfile.TarInfo(name)
    item.type, item.mode, item.mtime = kind, mode, 0
    return item
