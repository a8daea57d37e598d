"""Regular expressions of keys: checked to be quick before they are kept, then searched for.

LangWatch has those of RE2, whose time is linear. Python's tries one way after the other instead, so
what could take long is refused: the ways through a text of `LONGEST_NAME` are counted, in powers
of two, with the places where a search may begin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from math import log2
from typing import Any

__all__ = ["LONGEST_NAME", "checked_pattern", "is_found"]

LONGEST_NAME = 2_048
"""What is longer may not be searched in."""
# Half a second for the worst pattern and text (measured), some hundredths for most.
_MOST_WAYS = 24.0
_ANYWHERE = log2(LONGEST_NAME)
_FEW = 20
_ONE_WAY = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
# Not in the types of the library, in the library since 3.11.
_parse = import_module("re._parser").parse


def checked_pattern(text: str) -> str:
    """Return `text`; raises `ValueError` if it is no regular expression or may take long."""
    try:
        re.compile(text)
        parsed = _parse(text)
        ways = _ways(parsed) if _begins(parsed) else _ways(parsed) + _ANYWHERE
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f'"{text}" is not a regular expression: {error}') from error
    except _UnfitError as error:
        raise ValueError(f'"{text}" {error}') from error
    if parsed and _is_endless(parsed[-1]):
        # What has been found already need not be tried another way.
        ways -= _ANYWHERE
    if ways > _MOST_WAYS:
        raise ValueError(
            f'"{text}" may take too long, as too many of its parts vary in length: begin it '
            "with ^, and leave .* off its ends"
        )
    return text


def is_found(pattern: str, text: str) -> bool | None:
    """Say whether `pattern` is found in `text`, None if it may not be searched for."""
    usable = _usable(pattern)
    return None if usable is None else usable.search(text) is not None


@lru_cache(maxsize=2_048)
def _usable(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(checked_pattern(pattern))
    except ValueError:
        return None


class _UnfitError(Exception):
    """What a pattern has that it may not have."""


def _begins(parsed: Any) -> bool:  # noqa: ANN401 - the library has no types for it
    """Say whether it can only be found at the begin of a text."""
    first = [(str(kind), str(what)) for kind, what in parsed[:1]]
    anchors = [("AT", "AT_BEGINNING_STRING")]
    if not parsed.state.flags & re.MULTILINE:
        anchors.append(("AT", "AT_BEGINNING"))
    return bool(first) and first[0] in anchors


def _ways(parsed: Sequence[Any]) -> float:
    return sum(_ways_of(str(kind), what) for kind, what in parsed)


def _ways_of(kind: str, what: Any) -> float:  # noqa: ANN401
    if kind in _ONE_WAY:
        return 0
    if kind == "SUBPATTERN":
        return _ways(what[-1])
    if kind == "BRANCH":
        choices = what[1]
        ways = max(map(_ways, choices))
        return ways if _are_told_apart(choices) else ways + log2(len(choices))
    if kind not in _REPEATS:
        raise _UnfitError(
            "has a lookaround, a backreference or the like: patterns are those of RE2, which has "
            "none"
        )
    least, most, inner = what
    ways = _ways(inner)
    if ways and most > _FEW:
        raise _UnfitError(
            "may take too long: a part that repeats may hold none that repeats or can be read in "
            "several ways"
        )
    return int(most) * ways + log2(min(int(most) - int(least) + 1, LONGEST_NAME))


def _are_told_apart(choices: Sequence[Any]) -> bool:
    """Say whether the first character says which of `choices` it can be."""
    firsts = [[(str(kind), what) for kind, what in choice[:1]] for choice in choices]
    literals = {
        chr(first[0][1]).casefold() for first in firsts if first and first[0][0] == "LITERAL"
    }
    return len(literals) == len(choices)


def _is_endless(item: tuple[Any, Any]) -> bool:
    kind, what = item
    return str(kind) in _REPEATS and int(what[1]) - int(what[0]) >= LONGEST_NAME
