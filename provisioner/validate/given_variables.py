"""Where a template gives the workspace an environment variable, and with which value."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from provisioner.finding import Span
from provisioner.syntax.hcl_model import (
    Block,
    Call,
    Compound,
    Conditional,
    Expression,
    ListValue,
    ObjectValue,
    Piece,
    Text,
    Traversal,
)
from provisioner.validate.workspace import Workspace

__all__ = ["GivenVariable", "all_given_variables", "given_variables"]


class GivenVariable(Struct, frozen=True):
    """One variable that a `coder_env` or the `env` of a resource sets to more than ""."""

    name: str
    place: Piece
    """The name, or the whole assignment where the two stand together."""
    value: Expression | None
    """The value; None where it is a part of a string such as `NAME=value`."""
    agent: Expression | None = None
    """The `agent_id` of a `coder_env`."""

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.place.path

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.place.span


def given_variables(workspace: Workspace, wanted: str) -> Iterator[GivenVariable]:
    """Yield every place that sets `wanted`, unless to ""."""
    return (given for given in all_given_variables(workspace) if given.name == wanted)


def all_given_variables(workspace: Workspace) -> Iterator[GivenVariable]:
    """Yield every variable that the template gives, in the order of the blocks."""
    reader = _Reader(workspace)
    for top in workspace.blocks("resource"):
        if top.names[:1] == ("coder_env",):
            yield from reader.named(top.value("name"), top.value("value"), top)
            continue
        for block in top.descend():
            if "env" in block.attributes:
                yield from reader.environment(block.attributes["env"].expression, frozenset())
            if block.type == "env":
                yield from reader.named(block.value("name"), block.value("value"))
    for call in workspace.codex_modules:
        given = None if call.is_codex else call.block.value("environment")
        for item in reader.environment(given, frozenset()) if given else ():
            yield replace(item, agent=call.block.value("agent_id"))


class _Reader(Struct, frozen=True):
    workspace: Workspace

    def named(
        self, name: Expression | None, value: Expression | None, block: Block | None = None
    ) -> Iterator[GivenVariable]:
        known = self.workspace.evaluator.text(name) if name else None
        if name and known and not self._is_empty(value):
            yield GivenVariable(known, name, value, block.value("agent_id") if block else None)

    def environment(self, value: Expression, seen: frozenset[str]) -> Iterator[GivenVariable]:
        """Look through maps, lists of `NAME=value` or objects, calls, conditions and locals."""
        match value:
            case Call() | Compound() | Conditional():
                for part in value.children:
                    yield from self.environment(part, seen)
            case Traversal(root="local", steps=(str() as name,)) if name not in seen:
                behind = self.workspace.declared.locals.get(name)
                if behind is not None:
                    yield from self.environment(behind, seen | {name})
            case ObjectValue():
                for item in value.items:
                    if item.name and not self._is_empty(item.value):
                        yield GivenVariable(item.name, item, item.value)
            case ListValue():
                for element in value.elements:
                    yield from self._element(element)

    def _element(self, element: Expression) -> Iterator[GivenVariable]:
        if isinstance(element, Text):
            name, _, rest = element.decoded.text.partition("=")
            if rest:
                yield GivenVariable(name, element, None)
        elif isinstance(element, ObjectValue):
            values = {item.name: item.value for item in element.items}
            yield from self.named(values.get("name"), values.get("value"))

    def _is_empty(self, value: Expression | None) -> bool:
        return isinstance(value, Text) and value.value == ""
