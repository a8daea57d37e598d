"""Where a template gives the workspace an environment variable."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.syntax.hcl_model import (
    Call,
    Expression,
    ListValue,
    ObjectItem,
    ObjectValue,
    Piece,
    Text,
)
from provisioner.validate.values import literal_text
from provisioner.validate.workspace import Workspace

__all__ = ["given_variables"]


def given_variables(workspace: Workspace, wanted: str) -> Iterator[Piece]:
    """Yield every `coder_env` and every `env` of a resource that sets `wanted`, unless to ""."""
    for top in workspace.blocks("resource"):
        if top.names[:1] == ("coder_env",):
            yield from _named(top.value("name"), top.value("value"), wanted)
            continue
        for block in top.descend():
            if "env" in block.attributes:
                yield from _in_environment(block.attributes["env"].expression, wanted)
            if block.type == "env":
                yield from _named(block.value("name"), block.value("value"), wanted)


def _named(name: Expression | None, value: Expression | None, wanted: str) -> Iterator[Piece]:
    if name and literal_text(name) == wanted and literal_text(value) != "":
        yield name


def _in_environment(environment: Expression, wanted: str) -> Iterator[Piece]:
    """Look through a map, a list of `NAME=value`, a list of objects, and calls such as `merge`."""
    if isinstance(environment, Call):
        for argument in environment.arguments:
            yield from _in_environment(argument, wanted)
    elif isinstance(environment, ObjectValue):
        yield from (item for item in environment.items if _sets(item, wanted))
    elif isinstance(environment, ListValue):
        for element in environment.elements:
            if isinstance(element, Text) and _is_assignment(element.decoded.text, wanted):
                yield element
            elif isinstance(element, ObjectValue):
                values = {item.name: item.value for item in element.items}
                yield from _named(values.get("name"), values.get("value"), wanted)


def _sets(item: ObjectItem, wanted: str) -> bool:
    return item.name == wanted and literal_text(item.value) != ""


def _is_assignment(text: str, wanted: str) -> bool:
    name, _, value = text.partition("=")
    return name == wanted and value != ""
