"""PRV303."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Block, Traversal, references
from provisioner.validate.declared import Declared
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import literal_text
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_reference"]

# What these blocks name need not exist, or is not a value.
_SKIPPED_BLOCKS = frozenset({"import", "moved", "removed", "terraform", "variable"})


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
    for top in workspace.top_blocks:
        if top.type in _SKIPPED_BLOCKS:
            continue
        for block, iterators in _with_iterators(top):
            for attribute in block.attributes.values():
                for reference in references(attribute.expression):
                    if reference.root in iterators:
                        continue
                    if found := _undeclared(reference, workspace.declared):
                        address, known = found
                        yield this.finding(
                            reference.path,
                            reference.span,
                            f'"{address}" is not declared in this folder',
                            help=did_you_mean(address, known),
                        )


def _with_iterators(top: Block) -> Iterator[tuple[Block, frozenset[str]]]:
    """Yield every block with the names that the `dynamic` blocks around it bring along."""
    waiting = [(top, frozenset[str]())]
    while waiting:
        block, iterators = waiting.pop()
        yield block, iterators
        if block.type == "dynamic":
            iterators |= {*block.names[:1], _iterator(block)}
        waiting += [(inner, iterators) for inner in block.blocks]


def _iterator(block: Block) -> str:
    """Return the name that `iterator` sets, which is written like a reference."""
    match block.value("iterator"):
        case Traversal(root=name, steps=()):
            return name
        case other:
            return literal_text(other) or ""


def _undeclared(reference: Traversal, declared: Declared) -> tuple[str, Collection[str]] | None:
    """Return the address and the known ones of its kind when there is no such declaration."""
    names = _named(declared)
    match reference.root, reference.steps:
        case ("var" | "local" | "module" as root), (str() as name, *_):
            known, address = names[root], f"{root}.{name}"
        case "data", (str() as kind, str() as name, *_):
            known, address = names["data"], f"data.{kind}.{name}"
        case str() as kind, (str() as name, *_) if "_" in kind:
            known, address = names["resource"], f"{kind}.{name}"
        case _:
            return None
    return None if address in known else (address, known)


def _named(declared: Declared) -> dict[str, set[str]]:
    return {
        "var": {f"var.{name}" for name in declared.variables},
        "local": {f"local.{name}" for name in declared.locals},
        "module": {f"module.{name}" for name in declared.modules},
        "data": {f"data.{kind}.{name}" for kind, name in declared.data},
        "resource": {f"{kind}.{name}" for kind, name in declared.resources},
    }
