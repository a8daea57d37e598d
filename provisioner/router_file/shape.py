"""Keys and types: what of a file the router does not know, and what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Span
from provisioner.knowledge.auto_ai_router import RouterKey
from provisioner.router_file.file import RouterFile, RouterTable
from provisioner.router_file.problem import ProblemKind, RouterProblem
from provisioner.router_file.values import (
    parsed_ban,
    parsed_duration,
    parsed_integer,
    parsed_switch,
    variable_in,
)
from provisioner.syntax.yaml_document import YamlNode

__all__ = ["shape_problems"]

_CONTAINERS = {"map": "table", "table": "table", "tables": "list", "codes": "list"}
_WORDS = {
    "map": "a table of texts",
    "table": "a table",
    "tables": "a list of tables",
    "codes": "a list of statuses",
    "text": "a text",
    "integer": "a whole number",
    "limit": "a whole number",
    "switch": "true or false",
    "duration": 'a duration such as "60s" or "2m"',
    "ban": '"permanent" or a duration such as "5m"',
}
# A Go switch that is not read through a text also takes what YAML 1.1 calls one.
_YAML_SWITCHES = {"yes", "no", "on", "off", "y", "n"}


def shape_problems(file: RouterFile) -> Iterator[RouterProblem]:
    """Yield what is wrong with keys and types."""
    root = file.document.root
    if root is not None and root.kind != "table" and not root.is_null:
        message = "the file must be a table with server, credentials and models"
        yield RouterProblem(ProblemKind.WRONG_VALUE, message, FILE_START)
        return
    tables = (file.root, *file.tables, *file.credentials, *file.models, *file.error_code_rules)
    for table in tables:
        for name, (key, node) in table.entries.items():
            known = table.keys.get(name)
            if known is None:
                yield _unknown(table, name, key.span)
            else:
                yield from _wrong(table, name, known, node)


def _unknown(table: RouterTable, name: str, span: Span) -> RouterProblem:
    message = f'{table.label}: the router has no key "{name}" here, and ignores it'
    return RouterProblem(ProblemKind.UNKNOWN_KEY, message, span, nearby=tuple(table.keys))


def _wrong(
    table: RouterTable, name: str, key: RouterKey, node: YamlNode
) -> Iterator[RouterProblem]:
    if key.type == "any" or node.is_null:
        return
    kind = _CONTAINERS.get(key.type, "scalar")
    if node.kind != kind:
        yield _refused(f"{table.label}: {name} must be {_WORDS[key.type]}", node.span)
    elif key.type == "codes":
        yield from _wrong_items(table, name, node, "scalar")
    elif key.type == "tables":
        yield from _wrong_items(table, name, node, "table")
    elif kind == "scalar" and variable_in(node.text) is None:
        yield from _wrong_scalar(table, name, key, node)


def _wrong_items(
    table: RouterTable, name: str, node: YamlNode, kind: str
) -> Iterator[RouterProblem]:
    for item in node.items:
        if item.kind != kind:
            wanted = "a status" if kind == "scalar" else "a table"
            yield _refused(f"{table.label}: {name}: each entry must be {wanted}", item.span)
        elif kind == "scalar" and not 100 <= (parsed_integer(item.text) or 0) <= 599:
            message = f'{table.label}: {name}: "{item.text}" is no status'
            yield _refused(message, item.span)


def _wrong_scalar(
    table: RouterTable, name: str, key: RouterKey, node: YamlNode
) -> Iterator[RouterProblem]:
    text = node.text
    if key.words and text not in key.words:
        wanted = ", ".join(key.words[:-1]) + f" or {key.words[-1]}"
        message = f"{table.label}: invalid {name}: {text} (must be {wanted})"
        yield RouterProblem(ProblemKind.WRONG_VALUE, message, node.span, nearby=key.words)
    elif key.type in ("integer", "limit"):
        yield from _wrong_number(table, name, key, node)
    elif not _is_right(table, key.type, text):
        yield _refused(f'{table.label}: {name} must be {_WORDS[key.type]}, not "{text}"', node.span)


def _is_right(table: RouterTable, kind: str, text: str) -> bool:
    if kind == "switch":
        is_yaml = table.kind == "models" and text.lower() in _YAML_SWITCHES
        return is_yaml or parsed_switch(text) is not None
    if kind == "duration":
        return parsed_duration(text) is not None
    return kind != "ban" or (parsed_ban(text) or 0) > 0


def _wrong_number(
    table: RouterTable, name: str, key: RouterKey, node: YamlNode
) -> Iterator[RouterProblem]:
    number = parsed_integer(node.text)
    if number is None:
        message = f'{table.label}: {name} must be a whole number, not "{node.text}"'
        yield _refused(message, node.span)
    elif key.type == "limit":
        # Of the router's limits only the requests of a credential may not be 0.
        is_strict = table.kind == "credentials" and name == "rpm"
        if number < -1 or (number == 0 and is_strict):
            zero = "" if is_strict else " or 0"
            why = f"must be -1{zero} for unlimited{'' if is_strict else ','} or positive number"
            yield _refused(f"{table.label}: invalid {name}: {number} ({why})", node.span)
    elif (key.least is not None and number < key.least) or (
        key.most is not None and number > key.most
    ):
        bounds = (
            f"must be from {key.least} to {key.most}" if key.most else f"must be >= {key.least}"
        )
        yield _refused(f"{table.label}: invalid {name}: {number} ({bounds})", node.span)


def _refused(message: str, span: Span) -> RouterProblem:
    return RouterProblem(ProblemKind.WRONG_VALUE, message, span)
