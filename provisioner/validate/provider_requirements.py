"""Which Terraform providers a folder requires, and what is wrong with how it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.finding import Span
from provisioner.syntax.hcl_model import Attribute, Block, ListValue, ObjectValue, Text, Traversal

__all__ = ["Requirement", "requirement_blocks", "requirements"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of `required_providers`; `items` are its arguments, None where it is no object."""

    attribute: Attribute
    items: ObjectValue | None

    @property
    def name(self) -> str:
        """The local name of the provider."""
        return self.attribute.name

    @property
    def span(self) -> Span:
        """Where its name stands."""
        return self.attribute.name_span

    def text(self, name: str) -> Text | None:
        """Return an argument that is a string."""
        for item in self.items.items if self.items else ():
            if item.name == name and isinstance(item.value, Text):
                return item.value
        return None

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that whoever calls the module provides."""
        found = list[str]()
        for item in self.items.items if self.items else ():
            if item.name == "configuration_aliases" and isinstance(item.value, ListValue):
                found += [
                    str(element.steps[0])
                    for element in item.value.elements
                    if isinstance(element, Traversal) and element.steps
                ]
        return tuple(found)


def requirement_blocks(top_blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield the `required_providers` blocks."""
    for top in top_blocks:
        if top.type == "terraform":
            yield from (block for block in top.blocks if block.type == "required_providers")


def requirements(top_blocks: tuple[Block, ...]) -> Iterator[Requirement]:
    """Yield the entries of all `required_providers` blocks."""
    for block in requirement_blocks(top_blocks):
        for attribute in block.attributes.values():
            value = attribute.expression
            yield Requirement(attribute, value if isinstance(value, ObjectValue) else None)
