"""Modules that Terraform would download → folders with the same inputs and outputs, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from provisioner.knowledge.codex_module import codex_module
from provisioner.syntax.hcl_model import Expression, ObjectValue
from provisioner.terraform.folder_tree import FolderOfTree
from provisioner.validate.files import path_from
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.workspace import Workspace

__all__ = ["write_modules"]

_META = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})
_ANY_VERSION = "999.0.0"
_FORGE = re.compile(r"(?P<repository>(?:github\.com|bitbucket\.org)/[^/?]+/[^/?]+)(?P<rest>.*)\Z")
_SSH = re.compile(r"git@(?P<host>[^:/]+):(?P<rest>.*)\Z")


class _Module(Struct, frozen=True):
    """One line of the manifest that `terraform init` leaves."""

    key: str
    source: str
    version: str
    folder: str


def write_modules(tree: Sequence[FolderOfTree], data: Path) -> None:
    """Write what `terraform init` would leave of the modules of a folder into the folder `data`.

    Local modules are the real ones. Of the others, the Codex module has the inputs of its release,
    and any other module those that it is given here, and the outputs that are read.
    """
    found = [_Module("", "", "", "."), *_called(tree[0].folder, tree, data / "stubs")]
    # Terraform says where a name stands twice, but cannot read a manifest in which it does.
    modules = {item.key: item for item in found}.values()
    lines = [
        {"Key": item.key, "Source": item.source, "Dir": item.folder}
        | ({"Version": item.version} if item.version else {})
        for item in modules
    ]
    (data / "modules").mkdir(parents=True)
    manifest = data / "modules" / "modules.json"
    manifest.write_text(json.dumps({"Modules": lines}), encoding="utf-8")


def _called(top: Path, tree: Iterable[FolderOfTree], stubs: Path) -> Iterator[_Module]:
    for item in tree:
        if item.call is None or item.caller is None or item.call.source is None:
            continue
        if item.call.is_local:
            yield _Module(item.key, item.call.source, "", str(path_from(top, item.folder)))
            continue
        stub = stubs / item.key
        stub.mkdir(parents=True, exist_ok=True)
        (stub / "main.tf").write_text(_stub(item.call, item.caller), encoding="utf-8")
        source, version = _full(item.call.source), _version(item.call)
        yield _Module(item.key, source, version, str(path_from(top, stub)))


def _full(source: str) -> str:
    """Return the source as the manifest has it: short forms are written out."""
    if match := _FORGE.match(source):
        repository = match["repository"].removesuffix(".git")
        return f"git::https://{repository}.git{match['rest']}"
    if match := _SSH.match(source):
        return f"git::ssh://git@{match['host']}/{match['rest']}"
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
    return "\n".join([*_providers(call, workspace), *inputs, *outputs])


def _providers(call: ModuleCall, workspace: Workspace) -> Iterator[str]:
    """Yield the requirements of the providers that the module is handed."""
    given = call.block.value("providers")
    sources = {item.name: item.text("source") for item in requirements(workspace.top_blocks)}
    lines = dict[str, list[str]]()
    found = dict[str, str]()
    for item in given.items if isinstance(given, ObjectValue) else ():
        name, _, alias = _written(item.key).partition(".")
        source = sources.get(_written(item.value).partition(".")[0])
        lines.setdefault(name, []).extend([f"{name}.{alias}"] if alias else [])
        found[name] = source.decoded.text if source else f"hashicorp/{name}"
    if lines:
        entries = "".join(
            f'    {name} = {{\n      source = "{found[name]}"\n'
            + (f"      configuration_aliases = [{', '.join(aliases)}]\n" if aliases else "")
            + "    }\n"
            for name, aliases in lines.items()
        )
        yield f"terraform {{\n  required_providers {{\n{entries}  }}\n}}\n"


def _written(expression: Expression) -> str:
    return expression.source.text[expression.start : expression.end]


def _read(call: ModuleCall, workspace: Workspace) -> list[str]:
    """Return the outputs of the module that the folder reads."""
    found = set[str]()
    for mention in workspace.mentions:
        name = mention.name
        if name.root == "module" and name.steps[:1] == call.block.names[:1]:
            found.update([step for step in name.steps[1:] if isinstance(step, str)][:1])
    return sorted(found)
