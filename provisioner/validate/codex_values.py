"""A value of a config and the type that Codex wants → Codex's own words of refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.knowledge.codex_config import ConfigKey
from provisioner.redact import hint

__all__ = ["choice_error", "described", "setting_name", "type_error", "type_errors"]

_TEXTS = frozenset({"a string", "path string", "a choice", "a string or a sequence"})
_LISTS = frozenset({"a sequence", "a string or a sequence"})
_TABLES = ("a map", "struct ", "internally tagged enum ", "a choice or a map")
_LARGEST = {"u8": 2**8 - 1, "u16": 2**16 - 1, "u64": 2**64 - 1, "usize": 2**64 - 1}
_UNTAGGED = "untagged enum "
_NONZERO = "a nonzero "
_SHOWN_CHARACTERS = 24
_OTHER_ITEMS = frozenset({"config", "env_vars", "omit_tools_from"})


def setting_name(path: Sequence[str | int]) -> str:
    """Write the last key of `path`, with the places in lists behind it."""
    *parents, last = path
    return f"{setting_name(parents)}[{last}]" if isinstance(last, int) else last


def type_errors(
    value: Any,  # noqa: ANN401 - whatever TOML can hold
    key: ConfigKey,
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield path below `value` and reason for everything of a wrong type in it."""
    reason = type_error(value, key.type)
    if reason:
        yield (), reason
    elif key.type == "a map" and _has_string_values(key.name):
        for name, item in value.items():
            if reason := type_error(item, "a string"):
                yield (name,), reason
    elif key.type == "a sequence" and key.name not in _OTHER_ITEMS:
        wanted = "path string" if key.name == "writable_roots" else "a string"
        for index, item in enumerate(value):
            if reason := type_error(item, wanted):
                yield (index,), reason


def _has_string_values(name: str) -> bool:
    return name in {"env", "env_http_headers", "http_headers", "query_params", "set"}


def type_error(value: Any, expected: str) -> str | None:  # noqa: ANN401 - whatever TOML can hold
    """Return why Codex refuses `value` where it wants `expected`, None when it does not."""
    if expected.startswith(_UNTAGGED):
        fits = _fits_untagged(value, expected.removeprefix(_UNTAGGED))
        return None if fits else f"data did not match any variant of {expected}"
    if _fits(value, expected):
        return None
    is_number = expected.removeprefix(_NONZERO) in _LARGEST
    if is_number and isinstance(value, int) and not isinstance(value, bool):
        return f"invalid value: {described(value)}, expected {expected}"
    return f"invalid type: {described(value)}, expected {expected}"


def _fits_untagged(value: Any, name: str) -> bool:  # noqa: ANN401 - whatever TOML can hold
    if name == "Notifications":
        is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return is_list or isinstance(value, bool)
    return isinstance(value, bool | dict)


def _fits(value: Any, expected: str) -> bool:  # noqa: ANN401 - whatever TOML can hold
    match value:
        case bool():
            fits = expected == "a boolean"
        case int():
            least = 1 if expected.startswith(_NONZERO) else 0
            largest = _LARGEST.get(expected.removeprefix(_NONZERO), -1)
            fits = expected in {"i64", "f64"} or least <= value <= largest
        case float():
            fits = expected == "f64"
        case str():
            fits = expected in _TEXTS or expected == "a choice or a map"
        case list():
            # A struct may be written as the list of its fields, and some are taken without any.
            fits = expected in _LISTS or expected.startswith("struct ")
        case _:
            fits = isinstance(value, dict) and expected.startswith(_TABLES)
    return fits or expected == "anything"


def choice_error(value: Any, choices: Sequence[str]) -> str | None:  # noqa: ANN401
    """Return why Codex refuses `value` where only some words are taken."""
    if value in choices:
        return None
    quoted = [f"`{choice}`" for choice in choices]
    wanted = " or ".join(quoted) if len(quoted) < 3 else f"one of {', '.join(quoted)}"
    if not isinstance(value, str):
        return f"{described(value)}, expected {wanted}"
    return f"unknown variant `{_shown(value)}`, expected {wanted}"


def described(value: Any) -> str:  # noqa: ANN401 - whatever TOML can hold
    """Name a value as Codex does; a long text is a hint, as it may be a secret."""
    match value:
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f'string "{_shown(value)}"'
        case list():
            return "sequence"
    return "map"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else hint(text)
