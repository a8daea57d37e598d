"""A regular expression of Go (RE2) → Python's, as far as both mean the same."""

from __future__ import annotations

import re
import warnings

from msgspec import Struct

__all__ = ["GoRegex", "go_regex"]

_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|(?P<group>\(\?.{0,2})|(?P<end>\$)",
    re.DOTALL,
)
_REFUSED_GROUP = re.compile(r"\(\?(?:<?[=!]|[>(#|]|P[=>])")
_SHARED_GROUP = re.compile(r"\(\?(?::|P<)")
# Letters and digits that mean something after a backslash; of these, some only to Go.
_ESCAPES = frozenset("aAbBCdDfnpPQrsStvwWxzE01234567")
_GO_ESCAPE = re.compile(r"\\[CpPQEz0-7]|\[:")
_BACK_REFERENCE = re.compile(r"\\[1-9](?![0-7])")
_POSSESSIVE = re.compile(r"[*+?}]\+")
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_NESTED_REPEAT = re.compile(r"[*+}][^()]*\)[*+{]")
_MOST_REPEATS = 1000
_LONGEST_TESTED = 200


class GoRegex(Struct, frozen=True):
    """A pattern; `problem` says why Go does not compile it, `pattern` is None where unknown."""

    problem: str = ""
    pattern: re.Pattern[str] | None = None

    def matches(self, text: str) -> bool | None:
        """Say whether it matches a part of `text`, None if that is not known."""
        # Python backtracks where Go does not: what could take for ever is not tried.
        if (
            self.pattern is None
            or len(text) > _LONGEST_TESTED
            or _NESTED_REPEAT.search(self.pattern.pattern)
        ):
            return None
        return bool(self.pattern.search(text))


def go_regex(text: str) -> GoRegex:
    """Read a pattern as `regexp.Compile` does."""
    # Escapes and sets hidden: what is left are operators.
    plain = _TOKEN.sub(lambda token: token[0] if token["end"] else "x" * len(token[0]), text)
    problem = _token_problem(text) or _repeat_problem(plain)
    if problem:
        return GoRegex(problem)
    if _GO_ESCAPE.search(text) or "{," in plain or not _groups_are_shared(text):
        return GoRegex()
    try:
        with warnings.catch_warnings():
            # Python may come to read `[[` as a set in a set; it still reads it as Go does.
            warnings.simplefilter("ignore", FutureWarning)
            return GoRegex(pattern=re.compile(_translated(text), re.ASCII))
    except re.error as error:
        return GoRegex(str(error))
    except (OverflowError, RecursionError):
        return GoRegex()


def _token_problem(text: str) -> str:
    for token in _TOKEN.finditer(text):
        if token["group"] and _REFUSED_GROUP.match(text, token.start()):
            return "Go has no look-around, conditions or comments in a pattern"
        problem = _escape_problem(text, token.start()) if token["escape"] else ""
        if problem:
            return problem
    return ""


def _repeat_problem(plain: str) -> str:
    if _POSSESSIVE.search(plain):
        return "Go has no possessive repetition"
    counts = (number for match in _REPEAT.findall(plain) for number in match if number)
    too_many = any(int(number) > _MOST_REPEATS for number in counts)
    return f"Go repeats at most {_MOST_REPEATS} times" if too_many else ""


def _escape_problem(text: str, start: int) -> str:
    letter = text[start + 1]
    if _BACK_REFERENCE.match(text, start):
        return "Go has no back references"
    if not (letter.isascii() and letter.isalnum()) or letter in _ESCAPES:
        return ""
    return f'"\\{letter}" means nothing to Go'


def _groups_are_shared(text: str) -> bool:
    return all(
        _SHARED_GROUP.match(text, token.start())
        for token in _TOKEN.finditer(text)
        if token["group"]
    )


def _translated(text: str) -> str:
    """Python's `$` matches before a last line break too, Go's does not."""
    return _TOKEN.sub(lambda token: r"\Z" if token["end"] else token[0], text)
