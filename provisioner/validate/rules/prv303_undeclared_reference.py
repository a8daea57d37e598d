"""PRV303."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Traversal
from provisioner.validate.declared import Declared
from provisioner.validate.nearest import nearest
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_reference"]

_NEED_A_NAME = {"var": "var.name", "local": "local.name", "module": "module.name.output"}
_CONTEXT = frozenset({"count", "each", "path", "self", "terraform"})
_NO_RESOURCES = _CONTEXT | {"action", "data", "ephemeral", "local", "module", "var"}

_DECLARATIONS = {
    "var": 'variable "{name}"',
    "local": 'a locals block with "{name}"',
    "module": 'module "{name}"',
    "data": 'data "{1}" "{name}"',
    "resource": 'resource "{0}" "{name}"',
}


@rule("PRV303", "undeclared-reference", Severity.ERROR)
def undeclared_reference(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reference to something that the folder does not declare.

    What it does:
        Compares every `var.`, `local.`, `module.`, `data.` and resource reference, those in
        strings included, with the blocks of all files of the folder. A folder with a file that
        cannot be read is left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with
        `Reference to undeclared …`.

    Use instead:
        The declared name, or a declaration.
    """
    if not workspace.is_whole:
        return
    known = _addresses(workspace.declared)
    siblings = _siblings(known)
    for mention in workspace.mentions:
        name = mention.name
        root, address = _address(name)
        if address and address not in known[root]:
            message = f'"{address}" is not declared in this folder'
            advice = _help(root, address, siblings)
            yield this.finding(name.path, name.span, message, help=advice)
        elif not name.postfixes and name.root not in _CONTEXT:
            message = f'"{name.root}" alone is no value'
            advice = _NEED_A_NAME.get(name.root, f'{name.root}.name, or "{name.root}"')
            yield this.finding(name.path, name.span, message, help=f"write {advice}")


def _address(reference: Traversal) -> tuple[str, str]:
    """Return the kind and the address of what is referred to; nothing for what is no address."""
    match reference.root, reference.steps:
        case (("var" | "local" | "module" as root), (str() as name, *_)):
            return root, f"{root}.{name}"
        case "data", (str() as kind, str() as name, *_):
            return "data", f"data.{kind}.{name}"
        case "resource", (str() as kind, str() as name, *_):
            return "resource", f"{kind}.{name}"
        case str() as kind, (str() as name, *_) if kind not in _NO_RESOURCES:
            return "resource", f"{kind}.{name}"
    return "", ""


def _addresses(declared: Declared) -> dict[str, set[str]]:
    return {
        "var": {f"var.{name}" for name in declared.variables},
        "local": {f"local.{name}" for name in declared.locals},
        "module": {f"module.{name}" for name in declared.modules},
        "data": {f"data.{kind}.{name}" for kind, name in declared.data},
        "resource": {f"{kind}.{name}" for kind, name in declared.resources},
    }


def _siblings(known: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the names by what stands before them, such as `local` or `data.coder_parameter`."""
    found: dict[str, set[str]] = {}
    for addresses in known.values():
        for address in addresses:
            parents, _, name = address.rpartition(".")
            found.setdefault(parents, set()).add(name)
    return found


def _help(root: str, address: str, siblings: Mapping[str, set[str]]) -> str:
    parents, _, name = address.rpartition(".")
    found = nearest(name, siblings.get(parents, ()))
    if found:
        return f'did you mean "{parents}.{found}"?'
    return "declare it: " + _DECLARATIONS[root].format(*parents.split("."), name=name)
