"""PRV308."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.exported_attributes import exported_attributes
from provisioner.syntax.hcl_model import GetAttr, Index, Postfix, Splat, Traversal
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_attribute"]


@rule("PRV308", "unsupported-attribute", Severity.ERROR)
def unsupported_attribute(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reference to an attribute or an output that what it names does not have.

    What it does:
        Compares references to resources and data sources of the Coder provider, and to
        `terraform_data`, with what they export, and references to modules in a folder beside this
        one with the outputs of that folder.

    Why:
        `terraform plan`, and so every workspace build, ends with `Unsupported attribute`.

    Use instead:
        An attribute that the documentation of the resource names, or an output of the module.
    """
    for mention in workspace.mentions:
        found = _exported(workspace, mention.name)
        attribute = _first_attribute(_ways_behind_address(mention.name))
        if found is None or attribute is None:
            continue
        what, names = found
        if attribute not in names:
            yield this.finding(
                mention.name.path,
                mention.name.span,
                f'{what} has no attribute "{attribute}"',
                help=did_you_mean(attribute, names) or f"there are {', '.join(sorted(names))}",
            )


def _exported(workspace: Workspace, name: Traversal) -> tuple[str, Iterable[str]] | None:
    match name.root, name.steps:
        case "module", (str() as module, *_):
            return _outputs(workspace, module)
        case (("data" | "resource" as kind), (str() as type_name, str() as label, *_)):
            address = f"{type_name}.{label}"
        case str() as type_name, (str() as label, *_):
            kind, address = "resource", f"{type_name}.{label}"
        case _:
            return None
    known = exported_attributes(kind, type_name)
    return None if known is None else (f"data.{address}" if kind == "data" else address, known)


def _outputs(workspace: Workspace, module: str) -> tuple[str, Iterable[str]] | None:
    for call in workspace.module_calls:
        if call.block.names == (module,):
            folder = workspace.local_modules.get(call.source or "")
            if folder is not None and folder.is_whole:
                outputs = [block.names[0] for block in folder.blocks("output") if block.names]
                return f"module.{module}", outputs
    return None


def _ways_behind_address(name: Traversal) -> tuple[Postfix, ...]:
    match name.root:
        case "data" | "resource":
            return name.postfixes[2:]
    return name.postfixes[1:]


def _first_attribute(ways: tuple[Postfix, ...]) -> str | None:
    """Return the attribute that follows at once, or behind one index or splat."""
    match ways:
        case (GetAttr(name=name), *_) | (Index() | Splat(), GetAttr(name=name), *_):
            return name
    return None
