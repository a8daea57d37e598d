"""Kill apply or undo at each call that changes a disk, and look at the home that is left.

A program of its own, for one situation: it forks, which a test process with threads must not do.
It prints how often it killed, and fails when a home was neither old nor new, or was not completed
or undone afterwards.
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

CALLS = (
    "chmod",
    "fchmod",
    "fchown",
    "fsync",
    "mkdir",
    "open",
    "replace",
    "rmdir",
    "unlink",
    "write",
)
OTHER = {"config.toml": CONFIG.replace("gpt-5.5", "o3"), "third.config.toml": 'model = "x"\n'}
KILLED = 9


def no_home(_: Path) -> None:
    """Leave the folder empty."""


def own_home(home: Path) -> None:
    """Make a file with other line ends that others may read, and a link to a file elsewhere."""
    (home.parent / "dotfiles").mkdir()
    linked = home.parent / "dotfiles" / "router"
    linked.write_bytes(b"# mine\n")
    home.mkdir()
    (home / "router.config.toml").symlink_to("../dotfiles/router")
    (home / "config.toml").write_bytes(b"# mine\r\n[tui]\r\nx = 1\r\n")
    (home / "config.toml").chmod(0o640)


def applied_home(home: Path) -> None:
    """Make one that was there and has our keys."""
    own_home(home)
    apply_files(home, FILES)


def created_home(home: Path) -> None:
    """Make one that is all ours."""
    apply_files(home, FILES)


SITUATIONS: dict[str, tuple[Callable[[Path], None], Callable[[Path], object]]] = {
    "apply": (own_home, lambda home: apply_files(home, FILES)),
    "apply-again": (applied_home, lambda home: apply_files(home, OTHER)),
    "apply-without-home": (no_home, lambda home: apply_files(home, FILES)),
    "undo": (applied_home, undo),
    "undo-created-home": (created_home, undo),
}


def main(situation: str) -> None:
    """Kill at the first call, the second, and so on until none is left."""
    # A killed process loses nothing that it wrote, so the wait for the disk is only a wait.
    os.fsync = lambda _: None
    build, change = SITUATIONS[situation]
    old, new, undone = (kept(build, *steps) for steps in ((), (change,), (undo,)))
    count = 0
    while True:
        for proceed in (undo, change):
            with tempfile.TemporaryDirectory() as folder:
                home = Path(folder, "codex")
                build(home)
                if not is_killed(change, home, count + 1):
                    sys.stdout.write(f"{count}\n")
                    return
                context = f"killed at call {count + 1}"
                look_at_files(home.parent, old, new, context)
                proceed(home)
                if proceed is not undo:
                    assert kept_tree(home.parent) == new, f"{context}, then not completed"
                    undo(home)
                assert kept_tree(home.parent) == undone, f"{context}, then not undone"
        count += 1


def kept(build: Callable[[Path], None], *steps: Callable[[Path], object]) -> dict[str, Any]:
    """Return what is there after `build` and `steps`."""
    with tempfile.TemporaryDirectory() as folder:
        for step in (build, *steps):
            step(Path(folder, "codex"))
        return kept_tree(Path(folder))


def kept_tree(folder: Path) -> dict[str, Any]:
    """Return the tree without the state, and without a home that is empty.

    A kill can come between making a home and noting that it was made.
    """
    found = {name: item for name, item in tree(folder).items() if "/.provisioner/" not in name}
    return {} if found.keys() == {"codex"} else found


def is_killed(change: Callable[[Path], object], home: Path, count: int) -> bool:
    """Run `change` in a child that dies at the call number `count`, if there are so many."""
    child = os.fork()
    if child == 0:
        try:
            die_at(count)
            change(home)
            os._exit(0)
        finally:
            os._exit(1)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert exit_code in {0, KILLED}, f"call {count} failed in another way"
    return exit_code == KILLED


def die_at(count: int) -> None:
    """End this process at that call, with nothing flushed or cleaned up."""
    left = [count]

    def step() -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(KILLED)

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            step()
            result = call(*arguments, **options)
            # What is written through a buffer comes between this call and the next.
            if call is opened:
                step()
            return result

        return wrapper

    def remove_folder(path: Path) -> None:
        for name in sorted(path.iterdir()):
            name.unlink()
        path.rmdir()

    opened = os.open
    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    # The real one looks for its own functions of `os`, and finds ours.
    shutil.rmtree = remove_folder  # type: ignore[assignment]


def look_at_files(folder: Path, old: dict[str, Any], new: dict[str, Any], context: str) -> None:
    """Each file is the old or the new one, whole, with its mode; and all can be read."""
    found = kept_tree(folder)
    for name in {*old, *new}:
        if name not in {"codex", "codex/.provisioner"}:
            assert found.get(name) in (old.get(name), new.get(name)), f"{context}: {name}"
    for path in (folder / "codex").glob("*.toml"):
        tomllib.loads(path.read_bytes().decode())


if __name__ == "__main__":
    main(sys.argv[1])
