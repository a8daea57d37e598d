"""TOML text → a model of pydantic's, or findings that point at what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from provisioner.finding import Finding, sorted_findings
from provisioner.spec.codes import INVALID_VALUE, MISSING_KEY, UNKNOWN_KEY, UNREADABLE
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["read_tables"]

_Path = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)

# How pydantic marks that a key of a mapping is wrong, and not its value.
_KEY_ITSELF = "[key]"


def read_tables(
    model: type[_Model],
    text: str,
    path: str,
    flaws: Callable[[_Model, TomlDocument, str], Iterator[Finding]],
) -> tuple[_Model | None, tuple[Finding, ...]]:
    """Return the content of `text`, or None and every finding; `flaws` looks at what is valid."""
    document = TomlDocument.parse(text, path)
    if document.problem is not None or document.data is None:
        problem = document.problem
        assert problem is not None  # noqa: S101 - no data without a problem
        return None, (UNREADABLE.finding(problem.message, path, problem.span),)
    try:
        content = model.model_validate(document.data)
    except ValidationError as errors:
        found = (_finding(error, document, path, model) for error in errors.errors())
        return None, sorted_findings(found)
    findings = sorted_findings(flaws(content, document, path))
    return (None if findings else content), findings


def _finding(
    error: ErrorDetails, document: TomlDocument, path: str, model: type[BaseModel]
) -> Finding:
    where = error["loc"]
    key = str(error["loc"][-1])
    if error["type"] == "extra_forbidden":
        span = document.key_span(*where)
        return UNKNOWN_KEY.finding(f'unknown key "{key}"', path, span, _nearest_key(model, where))
    if error["type"] == "missing":
        span = document.key_span(*where[:-1])
        table = f"[{_dotted(where[:-1])}]"
        if isinstance(where[-2:][0], int):
            table = f"[{table}]"
        message = f'required key "{key}" is missing' + (f" from {table}" if where[:-1] else "")
        return MISSING_KEY.finding(message, path, span, _field_help(model, where))
    span = document.value_span(*where)
    if key == _KEY_ITSELF:
        where = where[:-1]
        span = document.key_span(*where)
    message = f'"{_dotted(where)}": {_expectation(error)}'
    return INVALID_VALUE.finding(message, path, span, _value_help(error, model, where))


def _dotted(where: _Path) -> str:
    """Return the name of a key; which of several tables it is in, its place says."""
    return ".".join(part for part in where if isinstance(part, str))


def _expectation(error: ErrorDetails) -> str:
    given = error["input"]
    match error["type"]:
        case "literal_error":
            return f'"{given}" is not one of {error["ctx"]["expected"]}'
        case "value_error":
            return str(error["ctx"]["error"])
        case "model_type" | "model_attributes_type":
            return f"expected a table, got {_type_name(given)}"
        case "tuple_type":
            return f"expected a list of strings, got {_type_name(given)}"
        case "string_type":
            return f"expected a string, got {_type_name(given)}"
    message = error["msg"]
    return message[:1].lower() + message[1:]


def _type_name(value: object) -> str:
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string"}
    return names.get(
        type(value),
        "a list"
        if isinstance(value, list)
        else "a table"
        if isinstance(value, dict)
        else "a date or time",
    )


def _models(model: type[BaseModel], path: _Path) -> Iterator[type[BaseModel]]:
    """Yield the models on the way to `path`, outermost first."""
    kind: Any = model
    for part in path:
        if isinstance(part, int):
            kind = next(iter(get_args(kind)), None)
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
            field = _fields(kind).get(part)
            kind = _without_none(field.annotation) if field else None


def _without_none(kind: Any) -> Any:  # noqa: ANN401 - whatever a field can be
    """Return what a value that is there can be."""
    if get_origin(kind) is not UnionType:
        return kind
    return next(choice for choice in get_args(kind) if choice is not NoneType)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by the keys that a spec has for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _nearest_key(model: type[BaseModel], where: _Path) -> str:
    known = _fields(list(_models(model, where))[-1])
    close = difflib.get_close_matches(str(where[-1]), known, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"valid keys here: {', '.join(known)}"


def _field_help(model: type[BaseModel], where: _Path) -> str:
    field = _fields(list(_models(model, where))[-1]).get(str(where[-1]))
    return field.description or "" if field else ""


def _value_help(error: ErrorDetails, model: type[BaseModel], where: _Path) -> str:
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        options = [
            part.strip(" '") for part in error["ctx"]["expected"].replace(" or ", ", ").split(",")
        ]
        close = difflib.get_close_matches(error["input"], options, n=1, cutoff=0.4)
        return f'did you mean "{close[0]}"?' if close else ""
    return _field_help(model, where)
