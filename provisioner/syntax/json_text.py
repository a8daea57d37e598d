"""Terraform's JSON files → the reason why Terraform cannot read them, as far as JSON goes."""

from __future__ import annotations

import json

from provisioner.finding import FILE_START
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["json_problem"]


def json_problem(data: bytes, source: SourceText) -> SyntaxProblem | None:
    """Return what is wrong with the bytes `data`, whose text `source` is."""
    if data.startswith(b"\xef\xbb\xbf"):
        message = "a JSON file cannot begin with a byte order mark"
        return SyntaxProblem(message, FILE_START, "save the file as UTF-8 without one")
    try:
        content = json.loads(source.text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        return SyntaxProblem(f"it is not JSON: {what}", source.span(error.pos, error.pos))
    except _ConstantError as error:
        start = source.text.find(str(error))
        span = source.span(start, start + len(str(error)))
        return SyntaxProblem(f"it is not JSON: {error} is no value there", span)
    except RecursionError:
        return SyntaxProblem("it is nested too deeply to be checked", FILE_START)
    except ValueError:
        return None  # A number with more digits than Python reads.
    return _shape_problem(content, source)


def _shape_problem(content: object, source: SourceText) -> SyntaxProblem | None:
    items = content if isinstance(content, list) else [content]
    if all(isinstance(item, dict) for item in items):
        return None
    message = "Terraform's JSON is an object or a list of objects"
    return SyntaxProblem(message, source.span(0, len(source.text)))


class _ConstantError(Exception):
    """NaN or Infinity."""


def _refuse(name: str) -> None:
    raise _ConstantError(name)
