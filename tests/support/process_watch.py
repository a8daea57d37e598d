"""A program while it runs: every command line of it and its descendants, every file it leaves.

Command lines and environments come from Linux's /proc; elsewhere there are none.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SEES_PROCESSES", "FileSeen", "Watched", "watched"]

SEES_PROCESSES = sys.platform == "linux"
_PAUSE = 0.02
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class FileSeen:
    """A file as it was at some moment while the program ran."""

    path: Path
    mode: int
    is_shut_in: bool
    """Whether a folder above it, below the folder that is watched, lets nobody else in."""
    is_beside_users: bool
    """Whether it is in the folder of a file that was there before, or is that file."""
    content: bytes


@dataclass
class Watched:
    """What a program showed to whoever looked."""

    process: subprocess.Popen[bytes]
    started_as: bytes
    commands: set[bytes] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)
    files: list[FileSeen] = field(default_factory=list)


@contextlib.contextmanager
def watched(
    command: Sequence[str], folder: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator[Watched]:
    """Start `command` without a umask and watch it and the files below `folder` until the end."""
    files = _Files(folder)
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        umask=0,
        start_new_session=True,
    )
    seen = Watched(process, " ".join(command).encode())
    family = _Family(process.pid, seen)
    over = threading.Event()

    def look() -> None:
        while not over.wait(_PAUSE):
            family.look()
            files.look()

    thread = threading.Thread(target=look)
    family.look()
    thread.start()
    try:
        yield seen
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        over.set()
        thread.join()
        files.look()
        seen.files += files.seen
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


class _Family:
    """The processes that descend from one, also through a parent that has gone."""

    def __init__(self, pid: int, seen: Watched) -> None:
        self._members = {pid}
        self._sessions = {pid}
        self._strangers: set[int] = set()
        self._seen = seen

    def look(self) -> None:
        if not SEES_PROCESSES:
            return
        present = {int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit()}
        self._strangers &= present
        for pid in sorted(present - self._strangers):
            with contextlib.suppress(OSError):
                self._look_at(pid)

    def _look_at(self, pid: int) -> None:
        place = Path("/proc", str(pid))
        if pid not in self._members:
            after_name = (place / "stat").read_text().rpartition(")")[2].split()
            parent, session = int(after_name[1]), int(after_name[3])
            if parent not in self._members and session not in self._sessions:
                self._strangers.add(pid)
                return
            self._members.add(pid)
            self._sessions.add(session)
        command = (place / "cmdline").read_bytes().replace(b"\0", b" ").strip()
        if command and command not in self._seen.commands:
            self._seen.commands.add(command)
            self._seen.environments.add((place / "environ").read_bytes())


class _Files:
    """The files below a folder that are made or changed after the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = dict(self._versions())
        self._of_users = {path.parent for path in self._known}
        self.seen: list[FileSeen] = []

    def look(self) -> None:
        for path, version in self._versions():
            if self._known.get(path) != version:
                self._known[path] = version
                with contextlib.suppress(OSError), path.open("rb") as file:
                    content = file.read(_MOST_BYTES)
                    mode = os.fstat(file.fileno()).st_mode & 0o777
                    shut_in, beside = self._is_shut_in(path), path.parent in self._of_users
                    self.seen.append(FileSeen(path, mode, shut_in, beside, content))

    def _versions(self) -> Iterator[tuple[Path, tuple[int, ...]]]:
        for place, _, names in os.walk(self._folder):
            for name in names:
                path = Path(place, name)
                with contextlib.suppress(OSError):
                    status = path.lstat()
                    if stat.S_ISREG(status.st_mode):
                        changed = (status.st_mtime_ns, status.st_size, status.st_mode)
                        yield path, (status.st_ino, *changed)

    def _is_shut_in(self, path: Path) -> bool:
        above = (folder for folder in path.parents if folder.is_relative_to(self._folder))
        return any(not folder.stat().st_mode & 0o011 for folder in above)
