"""Terraform's functions on strings."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote_plus

from provisioner.validate.function import Functions, NotKnown
from provisioner.validate.functions_values import encoded
from provisioner.validate.go_regex import go_regex
from provisioner.validate.known import Failed, to_bool, to_number, to_text

__all__ = ["TEXT_FUNCTIONS"]

TEXT_FUNCTIONS = Functions()
_declare = TEXT_FUNCTIONS.declare

# What Go calls a space.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Regular expressions that mean the same to RE2 and to Python.
_SAME_PATTERN = re.compile(
    r"(?:[\w ,:;@=/<>#~%&'\"-]|\\[.\-/]|\[\^?(?:\w-\w|\w|[._/ ])+-?\]|[.*+])+\Z"
)
_MOST_SPACES = 1000
_VERB = re.compile(r"%(?P<flags>[-0]?)(?P<width>\d{0,3})(?P<verb>[a-zA-Z%])|%")


@_declare("lower", "ascii")
def _lower(value: str) -> str:
    return value.lower()


@_declare("upper", "ascii")
def _upper(value: str) -> str:
    return value.upper()


@_declare("title", "ascii")
def _title(value: str) -> str:
    return re.sub(r"(?<![A-Za-z0-9_])[a-z]", lambda match: match[0].upper(), value)


@_declare("trimspace", "text")
def _trimspace(value: str) -> str:
    return value.strip(_SPACES)


@_declare("trim", "text", "text")
def _trim(value: str, characters: str) -> str:
    return value.strip(characters) if characters else value


@_declare("trimprefix", "text", "text")
def _trimprefix(value: str, prefix: str) -> str:
    return value.removeprefix(prefix)


@_declare("trimsuffix", "text", "text")
def _trimsuffix(value: str, suffix: str) -> str:
    return value.removesuffix(suffix)


@_declare("chomp", "text")
def _chomp(value: str) -> str:
    return value.rstrip("\r\n")


@_declare("indent", "whole", "text")
def _indent(count: int, value: str) -> str:
    if count < 0:
        raise Failed
    if count > _MOST_SPACES:
        raise NotKnown
    return value.replace("\n", "\n" + " " * count)


@_declare("replace", "text", "text", "text")
def _replace(value: str, old: str, new: str) -> str:
    if len(old) < 2 or not (old.startswith("/") and old.endswith("/")):
        if len(value) * (len(new) + 1) > 1_000_000:
            raise NotKnown
        return value.replace(old, new)
    pattern = old[1:-1]
    if go_regex(pattern).problem:
        raise Failed
    if not _SAME_PATTERN.match(pattern) or "$" in new or not pattern.isascii():
        raise NotKnown
    try:
        expression = re.compile(pattern, re.ASCII)
    except re.error as error:
        raise NotKnown from error
    if expression.match("") or not value.isascii():
        raise NotKnown
    return expression.sub(lambda _: new, value)


@_declare("split", "text", "text")
def _split(separator: str, value: str) -> list[str]:
    if not separator:
        raise NotKnown
    return value.split(separator)


@_declare("join", "text", "texts*")
def _join(separator: str, *lists: Sequence[str]) -> str:
    if not lists:
        raise Failed
    return separator.join(item for items in lists for item in items)


@_declare("substr", "ascii", "whole", "whole")
def _substr(value: str, offset: int, length: int) -> str:
    if offset < -len(value) or offset > len(value) or length < -1:
        raise NotKnown
    start = offset if offset >= 0 else offset + len(value)
    return value[start:] if length == -1 else value[start : start + length]


@_declare("startswith", "text", "text")
def _startswith(value: str, prefix: str) -> bool:
    return value.startswith(prefix)


@_declare("endswith", "text", "text")
def _endswith(value: str, suffix: str) -> bool:
    return value.endswith(suffix)


@_declare("strcontains", "text", "text")
def _strcontains(value: str, part: str) -> bool:
    return part in value


@_declare("strrev", "ascii")
def _strrev(value: str) -> str:
    if "\r\n" in value:
        raise NotKnown
    return value[::-1]


@_declare("base64encode", "text")
def _base64encode(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@_declare("base64decode", "text")
def _base64decode(value: str) -> str:
    try:
        data = base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except ValueError as error:
        raise Failed from error
    if not data.isascii():
        raise NotKnown
    return data.decode()


@_declare("urlencode", "text")
def _urlencode(value: str) -> str:
    return quote_plus(value)


@_declare("format", "text", "known*")
def _format(template: str, *arguments: object) -> str:
    waiting = list(arguments)
    text = _VERB.sub(lambda match: _shown(match, waiting), template)
    if waiting:
        raise Failed
    return text


@_declare("formatlist", "text", "known*")
def _formatlist(template: str, *arguments: object) -> list[str]:
    lengths = {len(argument) for argument in arguments if isinstance(argument, list)}
    if len(lengths) != 1:
        raise NotKnown
    (count,) = lengths
    columns = [item if isinstance(item, list) else [item] * count for item in arguments]
    return [_format(template, *row) for row in zip(*columns, strict=True)]


def _shown(match: re.Match[str], waiting: list[object]) -> str:
    verb, flags, width = match["verb"], match["flags"], match["width"]
    if match[0] == "%%":
        return "%"
    if verb is None:
        raise NotKnown
    if verb not in _VERBS:
        raise Failed
    show = _SHOWN.get(verb)
    if show is None or (verb in "vt" and (flags or width)):
        raise NotKnown
    if not waiting:
        raise Failed
    text = show(waiting.pop(0))
    if not width and not flags:
        return text
    if not width or not text.isascii() or (flags == "0" and verb != "d"):
        raise NotKnown
    if flags == "0":
        return text.zfill(int(width))
    return text.ljust(int(width)) if flags else text.rjust(int(width))


def _any(value: object) -> str:
    return encoded(value) if isinstance(value, list | dict | None) else _string(value)


def _bool(value: object) -> str:
    if value is not None:
        to_bool(value)
    if not isinstance(value, bool):
        raise NotKnown
    return _string(value)


def _string(value: object) -> str:
    text = to_text(value)
    if not isinstance(text, str):
        raise NotKnown
    return text


def _integer(value: object) -> str:
    if value is not None:
        to_number(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotKnown
    return format(Decimal(value), "f")


def _quoted(value: object) -> str:
    _string(value)
    raise NotKnown


_VERBS = frozenset("vtbdoxXeEfgGsq")
_SHOWN = {"q": _quoted, "s": _string, "d": _integer, "v": _any, "t": _bool}
