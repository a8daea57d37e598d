"""A result that is kept together with what it depends on, and forgotten when that has changed.

Modification times do not count, since a checkout makes new ones: a file is the same when its
content is, a folder when the names in it are.
"""

from __future__ import annotations

import os
import stat
import sys

from provisioner.cache.store import digest, recall, remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Seen = Mapping[tuple[str, str], str]
    """Kind, which is `file` or `folder`, and path → its state when it was looked at."""

__all__ = [
    "MAX_BYTES",
    "content_state",
    "file_state",
    "fingerprint",
    "folder_state",
    "names_state",
    "recall_entry",
    "remember_entry",
]

MAX_BYTES = 64_000_000
"""Size up to which a file is read."""

_MOST_ENTRIES = 10_000
_SITE_FOLDERS = ("site-packages", "dist-packages")
_FOLDER = "folder"


def file_state(path: str) -> str:
    """Say in one word what a read of the file gives."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            kind = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(kind):
                return f"kind-{stat.S_IFMT(kind)}"
            return content_state(file.read(MAX_BYTES + 1))
    except (OSError, ValueError) as error:
        return f"error-{error}"


def content_state(content: bytes) -> str:
    """Return the state of a file that was read."""
    return digest(content)


def folder_state(path: str) -> str:
    """Say in one word what a listing of the folder gives."""
    try:
        with os.scandir(path) as entries:
            return names_state((item.name, item.is_dir(follow_symlinks=False)) for item in entries)
    except (OSError, ValueError) as error:
        return f"error-{error}"


def names_state(names: Iterable[tuple[str, bool]]) -> str:
    """Return the state of a folder with these names, each of which may be a folder."""
    return digest(*(os.fsencode(name) + b"/" * is_folder for name, is_folder in sorted(names)))


def fingerprint() -> bytes:
    """Return what changes whenever this program, Python or an installed package does."""
    seen = [sys.version, sys.executable]
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = [package]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda item: item.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        folders.append(entry.path)
                    continue
                facts = entry.stat()
                seen.append(f"{entry.path} {facts.st_size} {facts.st_mtime_ns}")
    places = [place for place in sys.path if place.endswith(_SITE_FOLDERS)]
    seen += [f"{place} {os.stat(place).st_mtime_ns}" for place in places if os.path.isdir(place)]
    return digest(*(os.fsencode(item) for item in seen)).encode()


def remember_entry(room: str, key: str, seen: Seen, payload: bytes) -> None:
    """Keep a payload that holds for as long as everything `seen` is as it was."""
    if any("\n" in path or "\t" in path for _, path in seen):
        return
    lines = [f"{state}\t{kind}\t{path}\n" for (kind, path), state in seen.items()]
    content = os.fsencode("".join(lines)) + b"\n" + payload
    whole = digest(content).encode() + b"\n" + content
    remember(room, key, whole, at_most=_MOST_ENTRIES)


def recall_entry(room: str, key: str) -> tuple[bytes, Seen] | None:
    """Return what was kept under the key and was seen, if all of that is still the same."""
    found = recall(room, key)
    if found is None:
        return None
    check, _, content = found.partition(b"\n")
    if digest(content).encode() != check:
        return None
    head, _, payload = (
        content.partition(b"\n\n") if content[:1] != b"\n" else (b"", b"", content[1:])
    )
    seen = {}
    for line in os.fsdecode(head).split("\n") if head else ():
        state, kind, path = line.split("\t")
        if state != (folder_state(path) if kind == _FOLDER else file_state(path)):
            return None
        seen[kind, path] = state
    return payload, seen
