"""PRV303."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Block, Traversal, references
from provisioner.validate.declared import Declared
from provisioner.validate.nearest import nearest
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import literal_text
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_reference"]

# What these blocks and arguments name need not exist here, or is not a value.
_SKIPPED_BLOCKS = frozenset({"check", "import", "moved", "removed", "terraform"})
_SKIPPED_ARGUMENTS = frozenset({"ignore_changes", "iterator", "provider", "providers"})

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
    for reference in _references(workspace):
        root, address = _address(reference)
        if address and address not in known[root]:
            yield this.finding(
                reference.path,
                reference.span,
                f'"{address}" is not declared in this folder',
                help=_help(root, address, known[root]),
            )


def _references(workspace: Workspace) -> Iterator[Traversal]:
    for top in workspace.top_blocks:
        if top.type in _SKIPPED_BLOCKS:
            continue
        for block, iterators in _with_iterators(top):
            for name, attribute in block.attributes.items():
                if name not in _SKIPPED_ARGUMENTS:
                    found = references(attribute.expression)
                    yield from (item for item in found if item.root not in iterators)


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


def _address(reference: Traversal) -> tuple[str, str]:
    """Return the kind and the address of what is referred to; nothing for what is no address."""
    match reference.root, reference.steps:
        case (("var" | "local" | "module" as root), (str() as name, *_)):
            return root, f"{root}.{name}"
        case "data", (str() as kind, str() as name, *_):
            return "data", f"data.{kind}.{name}"
        case str() as kind, (str() as name, *_) if "_" in kind:
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


def _help(root: str, address: str, known: set[str]) -> str:
    parents, _, name = address.rpartition(".")
    siblings = [item.rpartition(".") for item in known]
    found = nearest(name, [sibling for above, _, sibling in siblings if above == parents])
    if found:
        return f'did you mean "{parents}.{found}"?'
    return "declare it: " + _DECLARATIONS[root].format(*parents.split("."), name=name)
