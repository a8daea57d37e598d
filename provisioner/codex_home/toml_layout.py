"""TOML text → its statements: where each header, key and value stands, line ends included.

`syntax` tells where the value of a path is, whatever way it is written. An edit has to know the
way of writing: which lines are a statement, and which table or inline table holds it. The text
must be TOML; offsets count code points.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.codex_home.model import KeyPath

__all__ = ["Layout", "Pair", "Range", "Section", "read_layout", "starts_with"]

Range = tuple[int, int]

_BASIC = r'"(?:[^"\\\n]|\\.)*+"'
_LITERAL = r"'[^'\n]*+'"
_TEXT = (
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    rf"|{_BASIC}|{_LITERAL}"
)
_NAME = rf"(?:[A-Za-z0-9_-]+|{_BASIC}|{_LITERAL})"
_KEY = re.compile(rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_OPENING = re.compile(r"\[{1,2}[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
# A date and a time may be parted by one space.
_SCALAR = re.compile(rf"{_TEXT}|[^\s,\]}}#]+(?: \d\d:[^\s,\]}}#]*)?")
_IN_ARRAY = re.compile(rf"{_TEXT}|#[^\n]*|[\[\]{{}}]")


@dataclass(frozen=True, slots=True)
class Pair:
    """One key and its value; `path` leads from the root."""

    path: KeyPath
    span: Range
    """Whole lines, or from key to value in an inline table."""
    key: Range
    value: Range
    section: int
    inner: tuple[Pair, ...]
    """The pairs of an inline table."""


@dataclass(frozen=True, slots=True)
class Section:
    """One header, or the root, which has none and comes first; `span` is the header's lines."""

    path: KeyPath
    span: Range
    is_array: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """All statements of a text, in order."""

    sections: tuple[Section, ...]
    pairs: tuple[Pair, ...]

    def all_pairs(self) -> Iterator[Pair]:
        """Yield every pair, those in inline tables after the one that holds them."""
        waiting = list(reversed(self.pairs))
        while waiting:
            pair = waiting.pop()
            yield pair
            waiting += reversed(pair.inner)

    def pair(self, path: KeyPath) -> Pair | None:
        """Return the only pair that is exactly `path`, None when it is written in pieces."""
        return next((pair for pair in self.all_pairs() if pair.path == path), None)

    def pieces(self, path: KeyPath) -> tuple[Pair, ...]:
        """Return the outermost pairs at or below `path`."""
        found = list[Pair]()
        waiting = list(reversed(self.pairs))
        while waiting:
            pair = waiting.pop()
            if starts_with(pair.path, path):
                found.append(pair)
            elif starts_with(path, pair.path):
                waiting += reversed(pair.inner)
        return tuple(found)


def starts_with(path: KeyPath, prefix: KeyPath) -> bool:
    """Say whether `path` is `prefix` or below it."""
    return path[: len(prefix)] == prefix


def read_layout(text: str) -> Layout:
    """Return the statements of `text`, which must be TOML."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._sections = [Section((), (0, 0), is_array=False)]
        self._pairs = list[Pair]()

    def read(self) -> Layout:
        at = self._after(_GAP, 0)
        while at < len(self._text):
            if self._text[at] == "[":
                at = self._header(at)
            else:
                pair = self._pair(at, self._sections[-1].path)
                at = pair.value[1]
                self._pairs.append(
                    Pair(
                        pair.path,
                        self._lines(pair.key[0], at),
                        pair.key,
                        pair.value,
                        pair.section,
                        pair.inner,
                    )
                )
            at = self._after(_GAP, at)
        return Layout(tuple(self._sections), tuple(self._pairs))

    def _after(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self._text, at)
        if match is None:
            raise ValueError(f"this is no TOML at offset {at}")
        return match.end()

    def _lines(self, start: int, end: int) -> Range:
        newline = self._text.find("\n", end)
        return self._text.rfind("\n", 0, start) + 1, newline + 1 or len(self._text)

    def _header(self, at: int) -> int:
        start = self._after(_OPENING, at)
        end = self._after(_KEY, start)
        span = self._lines(at, end)
        is_array = self._text.startswith("[[", at)
        self._sections.append(Section(_key_path(self._text[start:end]), span, is_array))
        return span[1]

    def _pair(self, at: int, table: KeyPath) -> Pair:
        key = at, self._after(_KEY, at)
        path = (*table, *_key_path(self._text[slice(*key)]))
        start = self._after(_EQUALS, key[1])
        end, inner = self._value(start, path)
        return Pair(path, (at, end), key, (start, end), len(self._sections) - 1, inner)

    def _value(self, at: int, path: KeyPath) -> tuple[int, tuple[Pair, ...]]:
        if self._text[at] == "{":
            return self._inline_table(at + 1, path)
        if self._text[at] == "[":
            return self._array_end(at), ()
        return self._after(_SCALAR, at), ()

    def _inline_table(self, at: int, path: KeyPath) -> tuple[int, tuple[Pair, ...]]:
        inner = list[Pair]()
        while True:
            at = self._after(_GAP, at)
            if self._text[at] == "}":
                return at + 1, tuple(inner)
            if self._text[at] == ",":
                at += 1
                continue
            inner.append(self._pair(at, path))
            at = inner[-1].span[1]

    def _array_end(self, at: int) -> int:
        depth = 0
        for match in _IN_ARRAY.finditer(self._text, at):
            depth += (match[0] in {"[", "{"}) - (match[0] in {"]", "}"})
            if depth == 0:
                return match.end()
        raise ValueError(f"this is no TOML at offset {at}")


def _key_path(text: str) -> KeyPath:
    data: Any = tomllib.loads(f"{text} = 0")
    path = list[str]()
    while isinstance(data, dict):
        [(name, data)] = data.items()
        path.append(name)
    return tuple(path)
