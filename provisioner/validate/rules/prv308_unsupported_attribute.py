"""PRV308."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from provisioner.finding import Finding, Severity
from provisioner.knowledge.exported_attributes import exported_attributes, is_plain_attribute
from provisioner.syntax.hcl_model import GetAttr, Index, Postfix, Splat, Traversal, names_in
from provisioner.validate.core_blocks import core_blocks
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_attribute"]

_ITERATOR = frozenset({"key", "value"})


@rule("PRV308", "unsupported-attribute", Severity.ERROR)
def unsupported_attribute(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reference to an attribute or an output that what it names does not have.

    What it does:
        Compares references to resources and data sources of the Coder provider, and to
        `terraform_data`, with what they export, and references to modules in a folder beside this
        one with the outputs of that folder; looks for steps into a value that has nothing inside,
        and for what the iterator of a `dynamic` block does not have.

    Why:
        `terraform plan`, and so every workspace build, ends with `Unsupported attribute`.

    Use instead:
        An attribute that the documentation of the resource names, or an output of the module.
    """
    for mention in workspace.mentions:
        found = _exported(workspace, mention.name)
        attribute, rest = _first_attribute(_ways_behind_address(mention.name))
        if found is None or attribute is None:
            continue
        if attribute not in found.names:
            message = f'{found.what} has no attribute "{attribute}"'
            advice = did_you_mean(attribute, found.names)
            advice = advice or f"there are {', '.join(sorted(found.names))}"
        elif rest and found.type_name and is_plain_attribute(*found.type_name, attribute):
            message = f"{found.what}.{attribute} is a single value, with nothing inside"
            advice = f"write {found.what}.{attribute} alone"
        else:
            continue
        yield this.finding(mention.name.path, mention.name.span, message, help=advice)
    yield from _in_dynamic(this, workspace)


def _in_dynamic(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Find what the iterator of a `dynamic` block does not have."""
    for block, schema in core_blocks(workspace):
        if block.type != "dynamic" or "for_each" not in schema.arguments or not block.names:
            continue
        iterator = block.value("iterator")
        name = iterator.root if isinstance(iterator, Traversal) else block.names[0]
        for content in block.blocks:
            for inner in content.descend():
                for attribute in inner.attributes.values():
                    for found in names_in(attribute.expression):
                        step = found.steps[0] if found.steps else None
                        if found.root != name or not isinstance(step, str):
                            continue
                        if step not in _ITERATOR:
                            message = f'{name} has no attribute "{step}"'
                            advice = f"there are {name}.key and {name}.value"
                        elif step == "key" and len(found.postfixes) > 1:
                            message = f"{name}.key is a single value, with nothing inside"
                            advice = f"write {name}.key alone"
                        else:
                            continue
                        yield this.finding(found.path, found.span, message, help=advice)


class _Exported(Struct, frozen=True):
    """What a reference names, what it has, and its kind and type where it is Coder's."""

    what: str
    names: Iterable[str]
    type_name: tuple[str, str] | None = None


def _exported(workspace: Workspace, name: Traversal) -> _Exported | None:
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
    what = f"data.{address}" if kind == "data" else address
    return None if known is None else _Exported(what, known, (kind, type_name))


def _outputs(workspace: Workspace, module: str) -> _Exported | None:
    for call in workspace.module_calls:
        if call.block.names == (module,):
            folder = workspace.local_modules.get(call.source or "")
            if folder is not None and folder.is_whole:
                outputs = [block.names[0] for block in folder.blocks("output") if block.names]
                return _Exported(f"module.{module}", outputs)
    return None


def _ways_behind_address(name: Traversal) -> tuple[Postfix, ...]:
    match name.root:
        case "data" | "resource":
            return name.postfixes[2:]
    return name.postfixes[1:]


def _first_attribute(ways: tuple[Postfix, ...]) -> tuple[str | None, tuple[Postfix, ...]]:
    """Return the attribute that follows at once, or behind one index or splat, and the rest."""
    match ways:
        case (GetAttr(name=name), *rest) | (Index() | Splat(), GetAttr(name=name), *rest):
            return name, tuple(rest)
    return None, ()
