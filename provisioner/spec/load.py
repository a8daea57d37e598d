"""`provisioner.toml` → Spec, or findings that point at the lines that are wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from provisioner.errors import FindingsError, InputError
from provisioner.finding import CheckResult, Finding, sorted_findings
from provisioner.spec.codes import INVALID_VALUE, MISSING_KEY, UNKNOWN_KEY, UNREADABLE
from provisioner.spec.combinations import impossible_combinations
from provisioner.spec.models import Spec
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["check_spec", "load", "parse_spec", "read_text"]

_Path = tuple[str | int, ...]

# How pydantic marks that a key of a mapping is wrong, and not its value.
_KEY_ITSELF = "[key]"


def load(path: Path) -> Spec:
    """Read the spec at `path`.

    Raises `InputError` when the file cannot be read, `FindingsError` when it is wrong.
    """
    spec = parse_spec(read_text(path), str(path))
    if spec.template.folder is None:
        return spec
    folder = path.parent / spec.template.folder
    if not any(folder.glob("*.tf")):
        raise InputError(f'{path}: template.folder: "{folder}" is no folder with .tf files')
    template = spec.template.model_copy(update={"folder": str(folder)})
    return spec.model_copy(update={"template": template})


def read_text(path: Path) -> str:
    """Return the text of the file at `path`.

    Raises `InputError` when it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        hint = "; `provisioner init` writes one" if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"cannot read {path}: {error.strerror or error}{hint}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from error


def parse_spec(text: str, path: str) -> Spec:
    """Read the spec in `text`; `path` is what findings call it.

    Raises `FindingsError` when it is wrong.
    """
    spec, findings = check_spec(text, path)
    if spec is None:
        raise FindingsError(CheckResult(findings, (path,), sources={path: text}))
    return spec


def check_spec(text: str, path: str) -> tuple[Spec | None, tuple[Finding, ...]]:
    """Return the spec, or None and every finding."""
    document = TomlDocument.parse(text, path)
    if document.problem is not None or document.data is None:
        problem = document.problem
        assert problem is not None  # noqa: S101 - no data without a problem
        return None, (UNREADABLE.finding(problem.message, path, problem.span),)
    try:
        spec = Spec.model_validate(document.data)
    except ValidationError as errors:
        return None, sorted_findings(_finding(error, document, path) for error in errors.errors())
    findings = sorted_findings(impossible_combinations(spec, document, path))
    return (None if findings else spec), findings


def _finding(error: ErrorDetails, document: TomlDocument, path: str) -> Finding:
    where = error["loc"]
    key = str(error["loc"][-1])
    if error["type"] == "extra_forbidden":
        span = document.key_span(*where)
        return UNKNOWN_KEY.finding(f'unknown key "{key}"', path, span, _nearest_key(where))
    if error["type"] == "missing":
        span = document.key_span(*where[:-1])
        table = ".".join(str(part) for part in where[:-1])
        message = f'required key "{key}" is missing' + (f" from [{table}]" if table else "")
        return MISSING_KEY.finding(message, path, span, _field_help(where))
    span = document.value_span(*where)
    if key == _KEY_ITSELF:
        where = where[:-1]
        span = document.key_span(*where)
    dotted = ".".join(str(part) for part in where)
    message = f'"{dotted}": {_expectation(error)}'
    return INVALID_VALUE.finding(message, path, span, _value_help(error, where))


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


def _models(path: _Path) -> Iterator[type[BaseModel]]:
    """Yield the models on the way to `path`, outermost first."""
    kind: Any = Spec
    for part in path:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
            field = _fields(kind).get(str(part))
            kind = field.annotation if field else None


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by the keys that a spec has for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _nearest_key(where: _Path) -> str:
    known = _fields(list(_models(where))[-1])
    close = difflib.get_close_matches(str(where[-1]), known, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"valid keys here: {', '.join(known)}"


def _field_help(where: _Path) -> str:
    field = _fields(list(_models(where))[-1]).get(str(where[-1]))
    return field.description or "" if field else ""


def _value_help(error: ErrorDetails, where: _Path) -> str:
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        options = [
            part.strip(" '") for part in error["ctx"]["expected"].replace(" or ", ", ").split(",")
        ]
        close = difflib.get_close_matches(error["input"], options, n=1, cutoff=0.4)
        return f'did you mean "{close[0]}"?' if close else ""
    return _field_help(where)
