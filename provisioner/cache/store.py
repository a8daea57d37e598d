"""Bytes by name in the user's cache folder; a cache that cannot be used is an empty one.

Several processes may use it at once: a name has what one of them wrote, whole. Nothing imported
here costs start-up time: a run that is answered from the cache takes little more than Python does.
"""

from __future__ import annotations

import os

try:
    from _blake2 import blake2b  # `hashlib` loads OpenSSL first.
except ImportError:
    from hashlib import blake2b

__all__ = ["cache_folder", "digest", "recall", "remember"]


def cache_folder() -> str:
    """Return the folder of this program below `$XDG_CACHE_HOME` or `~/.cache`.

    The specification of these folders says that a relative one does not count. Empty where the
    user has no home.
    """
    bases = os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache")
    return next((os.path.join(base, "provisioner") for base in bases if os.path.isabs(base)), "")


def digest(*parts: bytes) -> str:
    """Return 32 hexadecimal digits that only these parts, so divided, have."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def recall(room: str, name: str) -> bytes | None:
    """Return what was kept under the name, or None."""
    folder = cache_folder()
    try:
        with open(os.path.join(folder, room, name), "rb") as file:
            return file.read() if folder else None
    except OSError:
        return None


def remember(room: str, name: str, content: bytes, *, at_most: int = 0) -> None:
    """Keep `content` under the name, for nobody but the user.

    Of a room that has more than `at_most` names, if that is not 0, the oldest half goes.
    """
    top = cache_folder()
    folder = os.path.join(top, room)
    staged = os.path.join(folder, f".{os.getpid()}.{os.urandom(6).hex()}")
    if not top:
        return
    try:
        os.makedirs(os.path.dirname(top), 0o700, exist_ok=True)
        for place in (top, folder):
            if not os.path.isdir(place):
                os.makedirs(place, 0o700, exist_ok=True)
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        os.replace(staged, os.path.join(folder, name))
        if at_most:
            _tidy(folder, at_most)
    except OSError:
        _unlink(staged)


def _tidy(folder: str, at_most: int) -> None:
    names = os.listdir(folder)
    if len(names) > at_most:
        paths = [os.path.join(folder, name) for name in names]
        for path in sorted(paths, key=_age)[: len(paths) // 2]:
            _unlink(path)


def _age(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:  # Another process has removed it.
        return 0


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
