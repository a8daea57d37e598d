"""Every place where an expression of a folder names something, with what stands around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.syntax.hcl_model import Attribute, Block, Traversal, names_in
from provisioner.validate.values import literal_text

__all__ = ["SETTINGS", "Mention", "mentions"]

SETTINGS = frozenset({"import", "moved", "removed", "terraform"})
"""Blocks that name what need not exist here."""

_SKIPPED = {
    "ignore_changes": None,
    "iterator": "dynamic",
    "on_failure": "provisioner",
    "provider": None,
    "providers": None,
    "type": "variable",
    "when": "provisioner",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One name with its way, in `attribute` of the innermost of `blocks`, outermost first."""

    name: Traversal
    attribute: Attribute
    blocks: tuple[Block, ...]

    @property
    def top(self) -> Block:
        """The block that stands in no other."""
        return self.blocks[0]

    def is_inside(self, *types: str) -> bool:
        """Say whether a nested block of one of these types is around it."""
        return any(block.type in types for block in self.blocks[1:])


def mentions(top_blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the names, but for those that a `for` or a `dynamic` block brings along."""
    for top in top_blocks:
        if top.type in SETTINGS:
            continue
        waiting: list[tuple[tuple[Block, ...], frozenset[str]]] = [((top,), frozenset())]
        while waiting:
            blocks, iterators = waiting.pop()
            block = blocks[-1]
            for attribute in block.attributes.values():
                if not _is_skipped(block, attribute.name):
                    for name in names_in(attribute.expression):
                        if name.root not in iterators:
                            yield Mention(name, attribute, blocks)
            if block.type == "dynamic":
                iterators |= {*block.names[:1], _iterator(block)}
            waiting += [((*blocks, inner), iterators) for inner in reversed(block.blocks)]


def _is_skipped(block: Block, name: str) -> bool:
    return name in _SKIPPED and _SKIPPED[name] in {None, block.type}


def _iterator(block: Block) -> str:
    """Return the name that `iterator` sets, which is written like a reference."""
    match block.value("iterator"):
        case Traversal(root=name, steps=()):
            return name
        case other:
            return literal_text(other) or ""
