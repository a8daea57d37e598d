"""Modules that Terraform would download → folders with the same inputs and outputs, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.knowledge.codex_module import codex_module
from provisioner.validate.files import Disk, path_from
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.workspace import Workspace

__all__ = ["write_modules"]

_META = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})
_ANY_VERSION = "999.0.0"
_DEEPEST = 8


class _Module(Struct, frozen=True):
    """One line of the manifest that `terraform init` leaves."""

    key: str
    source: str
    version: str
    folder: str


def write_modules(folder: Path, data: Path) -> None:
    """Write what `terraform init` would leave of the modules of `folder` into the folder `data`.

    Local modules are the real ones. Of the others, the Codex module has the inputs of its release,
    and any other module those that it is given here, and the outputs that are read.
    """
    modules = [_Module("", "", "", "."), *_called(folder, folder, "", data / "stubs", 0)]
    lines = [
        {"Key": item.key, "Source": item.source, "Dir": item.folder}
        | ({"Version": item.version} if item.version else {})
        for item in modules
    ]
    (data / "modules").mkdir(parents=True)
    manifest = data / "modules" / "modules.json"
    manifest.write_text(json.dumps({"Modules": lines}), encoding="utf-8")


def _called(top: Path, folder: Path, prefix: str, stubs: Path, depth: int) -> Iterator[_Module]:
    disk = Disk()
    files = {str(path): disk.read(path) for path in disk.template_files(folder)}
    workspace = Workspace.read(files, CodexRelease(newest_codex()))
    for call in workspace.module_calls:
        if not (call.source and call.block.names):
            continue
        key = f"{prefix}{call.block.names[0]}"
        if call.source.startswith(("./", "../")):
            place = folder / call.source
            yield _Module(key, call.source, "", str(path_from(top, place)))
            if place.is_dir() and depth < _DEEPEST:
                yield from _called(top, place, f"{key}.", stubs, depth + 1)
        else:
            stub = stubs / key
            stub.mkdir(parents=True)
            (stub / "main.tf").write_text(_stub(call, workspace), encoding="utf-8")
            yield _Module(key, _full(call.source), _version(call), str(path_from(top, stub)))


def _full(source: str) -> str:
    """Return the source as the manifest has it: one of three words has a registry put before it."""
    return f"registry.terraform.io/{source}" if source.count("/") == 2 else source


def _version(call: ModuleCall) -> str:
    if "version" not in call.block.attributes:
        return ""
    if call.is_codex and call.codex_release:
        return str(call.codex_release)
    example = call.constraint.example if call.constraint else None
    return str(example) if example else _ANY_VERSION


def _stub(call: ModuleCall, workspace: Workspace) -> str:
    release = call.codex_release if call.is_codex else None
    known = codex_module().inputs(release) if release else None
    if known is None:
        names = call.block.attributes.keys() - _META
        inputs = [f'variable "{name}" {{\n  default = null\n}}\n' for name in sorted(names)]
    else:
        inputs = [
            f'variable "{item.name}" {{\n  type = {item.type}\n'
            + ("" if item.required else "  default = null\n")
            + ("  sensitive = true\n" if item.sensitive else "")
            + "}\n"
            for item in known.values()
        ]
    outputs = [f'output "{name}" {{\n  value = null\n}}\n' for name in _read(call, workspace)]
    return "\n".join([*inputs, *outputs])


def _read(call: ModuleCall, workspace: Workspace) -> list[str]:
    """Return the outputs of the module that the folder reads."""
    found = set[str]()
    for mention in workspace.mentions:
        name = mention.name
        if name.root == "module" and name.steps[:1] == call.block.names[:1]:
            found.update([step for step in name.steps[1:] if isinstance(step, str)][:1])
    return sorted(found)
