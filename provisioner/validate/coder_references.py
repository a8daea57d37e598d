"""Who refers to what in a template folder: agents, apps, parameters and their users."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from provisioner.syntax.hcl_model import Block, Expression, Traversal, references
from provisioner.validate.coder_blocks import CoderBlock, instances, settled_blocks
from provisioner.validate.workspace import Workspace

__all__ = ["Target", "folder_references", "reached", "repeated", "target_of"]


class Target(Struct, frozen=True):
    """What a reference names: `kind` is `resource` or `data`; `attribute` is None for all of it."""

    kind: str
    type_name: str
    name: str
    attribute: str | None

    @property
    def address(self) -> str:
        """The address without the attribute."""
        prefix = "data." if self.kind == "data" else ""
        return f"{prefix}{self.type_name}.{self.name}"


def target_of(expression: Expression | None) -> Target | None:
    """Return the resource or data source that a traversal names, None for anything else."""
    if not isinstance(expression, Traversal) or expression.root in {"var", "local", "module"}:
        return None
    words = [expression.root, *(step for step in expression.steps if isinstance(step, str))]
    kind = "data" if words[0] == "data" else "resource"
    words = words[1:] if kind == "data" else words
    if len(words) < 2 or "_" not in words[0]:
        return None
    # A key such as ["a"] is a step like a name: what comes after it is not told apart.
    written = expression.source.text[expression.start : expression.end]
    attribute = words[2] if len(words) > 2 and '["' not in written else None
    return Target(kind, words[0], words[1], attribute)


def folder_references(workspace: Workspace) -> Iterator[Traversal]:
    """Yield every reference of the folder; what blocks only wait for is left out."""
    for block in workspace.top_blocks:
        yield from block.uses


def reached(workspace: Workspace, block: Block) -> Iterator[Traversal]:
    """Yield what a block refers to, through locals too."""
    waiting, seen = list(block.uses), set[str]()
    while waiting:
        reference = waiting.pop()
        yield reference
        name = reference.steps[0] if reference.root == "local" and reference.steps else None
        if isinstance(name, str) and name not in seen and name in workspace.declared.locals:
            seen.add(name)
            waiting += references(workspace.declared.locals[name])


def repeated(
    workspace: Workspace, type_name: str, key: Callable[[CoderBlock], object]
) -> Iterator[tuple[CoderBlock, CoderBlock]]:
    """Yield each block whose key one before it has too, with that one.

    A block that there are two of counts as one before itself. Blocks of which it is not known how
    many there are, and those with no key, are left out.
    """
    first: dict[object, CoderBlock] = {}
    for item in settled_blocks(workspace, type_name):
        number, value = instances(workspace, item.block), key(item)
        if value is None or not number:
            continue
        if value in first or number > 1:
            yield item, first.get(value, item)
        first.setdefault(value, item)
