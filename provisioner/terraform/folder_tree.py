"""A folder and the local modules it calls, as Terraform would load them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.validate.files import Disk
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.workspace import Workspace

__all__ = ["FolderOfTree", "folder_tree"]

_DEEPEST = 8


class FolderOfTree(Struct, frozen=True):
    """One folder; `call` is what leads there, None for the one at the root.

    `workspace` is None for a module that is not local, and for a folder that is not there.
    """

    key: str
    folder: Path
    call: ModuleCall | None
    caller: Workspace | None
    workspace: Workspace | None


def folder_tree(root: Path) -> Iterator[FolderOfTree]:
    """Yield `root` and every module call in it and below, the callers first."""
    workspace = _read(root)
    yield FolderOfTree("", root, None, None, workspace)
    yield from _called(root, workspace, "", 0)


def _called(folder: Path, caller: Workspace, prefix: str, depth: int) -> Iterator[FolderOfTree]:
    for call in caller.module_calls:
        if not (call.source and call.block.names):
            continue
        key = f"{prefix}{call.block.names[0]}"
        if not call.is_local:
            yield FolderOfTree(key, folder, call, caller, None)
            continue
        place = folder / call.source
        inner = _read(place) if place.is_dir() and depth < _DEEPEST else None
        yield FolderOfTree(key, place, call, caller, inner)
        if inner is not None:
            yield from _called(place, inner, f"{key}.", depth + 1)


def _read(folder: Path) -> Workspace:
    disk = Disk()
    files = {str(path): disk.read(path) for path in disk.template_files(folder)}
    return Workspace.read(files, CodexRelease(newest_codex()))
