"""Kill apply or undo at each call that changes a disk, and look at the home that is left.

A program of its own: it forks, which a test process with threads must not do. It prints how often
it killed, and fails when a home was neither old nor new or could not be taken up again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.undo import undo
from tests.unit.codex_home.homes import CONFIG, FILES, tree

CALLS = ("chmod", "fchmod", "fchown", "fsync", "ftruncate", "mkdir", "open", "replace", "rmdir", "unlink", "write")
NAMES = ("codex/config.toml", "codex/router.config.toml", "codex/third.config.toml")
OTHER = {"config.toml": CONFIG.replace("gpt-5.5", "o3"), "third.config.toml": 'model = "x"\n'}
KILLED = 9


def main() -> None:
    """Go through all situations, each with a kill before and after every call."""
    situations: dict[str, tuple[Callable[[Path], None], Callable[[Path], object]]] = {
        "first apply": (full_home, lambda home: apply_files(home, FILES)),
        "second apply": (applied_home, lambda home: apply_files(home, OTHER)),
        "undo": (applied_home, undo),
        "first apply, no home": (lambda home: None, lambda home: apply_files(home, FILES)),
        "undo, no home before": (lambda home: void(apply_files(home, FILES)), undo),
    }
    kills = 0
    for name, (build, change) in situations.items():
        for is_after in (False, True):
            count = 1
            while Trial(name, build, change).run(count, is_after=is_after):
                count += 1
            kills += count - 1
    sys.stdout.write(f"{kills}\n")


def void(_: object) -> None:
    """Drop a result."""


def full_home(home: Path) -> None:
    """Windows line ends, a readable file, and a link to a dotfile."""
    (home.parent / "dotfiles").mkdir()
    linked = home.parent / "dotfiles" / "router"
    linked.write_bytes(b"# mine\n")
    home.mkdir()
    (home / "router.config.toml").symlink_to(linked)
    (home / "config.toml").write_bytes(b"# mine\r\n[tui]\r\nx = 1\r\n")
    (home / "config.toml").chmod(0o640)


def applied_home(home: Path) -> None:
    """The same after an apply."""
    full_home(home)
    apply_files(home, FILES)


class Trial:
    """One situation, built anew for each kill."""

    def __init__(
        self, name: str, build: Callable[[Path], None], change: Callable[[Path], object]
    ) -> None:
        self._name = name
        self._build = build
        self._change = change

    def run(self, count: int, *, is_after: bool) -> bool:
        """Kill at the call number `count`; return False when it ended before."""
        for proceed in (undo, self._change):
            with tempfile.TemporaryDirectory() as folder:
                old, new, killed = (self._home(Path(folder, part)) for part in ("a", "b", "c"))
                self._change(new)
                if not self._kill(killed, count, is_after=is_after):
                    return False
                context = f"{self._name}, call {count}, after: {is_after}"
                look_at_files(old.parent, new.parent, killed.parent, context)
                proceed(killed)
                if proceed is not undo:
                    assert same_tree(killed.parent, new.parent), f"{context}: not completed"
                    undo(killed)
                undo(old)
                assert same_tree(killed.parent, old.parent), f"{context}: not undone"
        return True

    def _home(self, folder: Path) -> Path:
        folder.mkdir()
        self._build(folder / "codex")
        return folder / "codex"

    def _kill(self, home: Path, count: int, *, is_after: bool) -> bool:
        child = os.fork()
        if child == 0:
            die_at(count, is_after=is_after)
            self._change(home)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) in {0, KILLED}
        return os.waitstatus_to_exitcode(status) == KILLED


def die_at(count: int, *, is_after: bool) -> None:
    """End this process at the call number `count`, with nothing flushed or cleaned up."""
    left = [count]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                if is_after:
                    call(*arguments, **options)
                os._exit(KILLED)
            return call(*arguments, **options)

        return wrapper

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    # It decides by the identity of functions of `os` whether it may use folder descriptors.
    shutil.rmtree = lambda path: [*map(os.unlink, sorted(Path(path).iterdir())), os.rmdir(path)]  # type: ignore[assignment]


def look_at_files(old: Path, new: Path, killed: Path, context: str) -> None:
    """Each file is the old or the new one, whole, with its mode; and all can be read."""
    for name in (*NAMES, "dotfiles/router"):
        found = [tree(folder).get(name) for folder in (old, new, killed)]
        if found[2] not in found[:2] and not (killed / name).is_symlink():
            raise AssertionError(f"{context}: {name} is {found[2]}")
        if (killed / name).exists():
            tomllib.loads((killed / name).read_bytes().decode())


def same_tree(one: Path, other: Path) -> bool:
    """Compare all but the state, and empty homes: a kill may come before the home is noted."""
    return comparable(one) == comparable(other)


def comparable(folder: Path) -> dict[str, Any]:
    """The tree with links relative to it."""
    found = {
        name: (mode, str(inside).removeprefix(str(folder)) if (folder / name).is_symlink() else inside)
        for name, (mode, inside) in tree(folder).items()
        if not name.startswith("codex/.provisioner/")
    }
    if found.keys() == {"codex"}:
        del found["codex"]
    return found


if __name__ == "__main__":
    main()
