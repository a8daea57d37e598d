"""A TOML file in, a checked model out; everything wrong with the file in one error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provisioner.errors import InputError

__all__ = ["checked_model", "read_toml"]

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path, model: type[Model]) -> Model:
    """Read `path` as `model`; `path.parent` is handed to validators as context.

    Raises `InputError` with file and key path of each mistake, or with the line of a syntax error.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f'cannot read "{path}": {error.strerror}') from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid TOML: {error}") from error
    return checked_model(path, data, model)


def checked_model(path: Path, data: object, model: type[Model]) -> Model:
    """Return `data`, which `path` holds, as `model`; raises `InputError` as `read_toml` does."""
    try:
        return model.model_validate(data, context=path.parent)
    except ValidationError as error:
        # An entry that is refused also makes its list too short, which is not another mistake.
        details = error.errors()
        several = [detail for detail in details if detail["type"] != "too_short"] or details
        lines = [f"{path}: {_where(detail)}{_what(detail)}" for detail in several]
        raise InputError("\n".join(lines)) from error


def _where(detail: ErrorDetails) -> str:
    key = ""
    for part in detail["loc"]:
        if isinstance(part, int):
            # Users count tables from one.
            key += f"[{part + 1}]"
        else:
            key += f".{part}" if key else part
    return f"{key}: " if key else ""


def _what(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
