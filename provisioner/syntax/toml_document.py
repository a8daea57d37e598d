"""TOML text, a whole file or the value of an HCL string → data, and the place of every key.

`tomli` says whether the text is TOML. Spans are always those of the file the text stands in.
"""

from __future__ import annotations

import bisect
import re
from functools import cached_property
from typing import Any

import tomli
from msgspec import Struct

from provisioner.finding import Span
from provisioner.syntax.decoded_text import PLACEHOLDER, DecodedText
from provisioner.syntax.source import LocatedText, SourceText, SyntaxProblem
from provisioner.syntax.toml_places import Path, Place, PlacedTable, read_places, read_texts

__all__ = ["TomlDocument", "TomlPair", "TomlTable", "toml_problem"]

_REWORDED = {
    "Cannot overwrite a value": ("this key is already set", "remove one of the two"),
    "Invalid value": ("this is no value", 'put a string in quotes, such as model = "gpt-5"'),
}

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


class TomlPair(Struct, frozen=True):
    """One key and its value; `key_span` is the last token of the key."""

    path: Path
    value: Any
    key_span: Span
    value_span: Span


class TomlTable(Struct, frozen=True):
    """One table header, or the root before the first, with the pairs written directly below it."""

    path: Path
    header: str
    span: Span
    pairs: tuple[TomlPair, ...]


class TomlDocument(Struct, frozen=True, dict=True):
    """One TOML text.

    `data` and `problem` are both None when the text cannot be judged, because an interpolation
    stands where only Terraform knows what it becomes.
    """

    path: str
    located: LocatedText
    data: dict[str, Any] | None
    problem: SyntaxProblem | None

    @classmethod
    def parse(cls, text: str, path: str) -> TomlDocument:
        """Read the text of a whole file."""
        return cls.read(SourceText(path, text))

    @classmethod
    def read(cls, source: SourceText) -> TomlDocument:
        """Read a file that is already text."""
        return cls(source.path, source, *_judge(source))

    @classmethod
    def embedded(cls, decoded: DecodedText) -> TomlDocument:
        """Read the value of an HCL string."""
        verdict = _judge(decoded) if _is_judgeable(decoded) else (None, None)
        return cls(decoded.source.path, decoded, *verdict)

    def key_span(self, *path: str | int) -> Span:
        """Where the last token of the key stands, or that of the nearest ancestor there is."""
        return self.located.span(*self._nearest(path).key)

    def value_span(self, *path: str | int) -> Span:
        """Where the value stands; a table with a header has its value there."""
        return self.located.span(*self._nearest(path).value)

    def content_span(self, *path: str | int) -> Span | None:
        """Where the characters between the quotes of a string stand, None unless all are plain."""
        start, end = self._nearest(path).value
        inside = self.located.text[start + 1 : end - 1]
        return self.located.span(start + 1, end - 1) if inside == self.get(*path) else None

    def has_hole(self, *path: str | int) -> bool:
        """Say whether an interpolation decides a part of the value."""
        start, end = self._nearest(path).value
        return any(start <= hole < end for hole in self.located.holes)

    def get(self, *path: str | int) -> Any:  # noqa: ANN401 - whatever TOML can hold
        """Return the value at `path`, None when there is none."""
        value: Any = self.data
        for step in path:
            if isinstance(value, list):
                if not isinstance(step, int) or not 0 <= step < len(value):
                    return None
            elif not isinstance(value, dict) or step not in value:
                return None
            value = value[step]
        return value

    @cached_property
    def tables(self) -> tuple[TomlTable, ...]:
        """Every table header in order, the root first."""
        return tuple(
            TomlTable(
                table.path,
                self.located.text[slice(*table.span)].replace(PLACEHOLDER, "${…}"),
                self.located.span(*table.span),
                tuple(self._pair(path) for path in table.pairs),
            )
            for table in self._places[1]
        )

    @cached_property
    def strings(self) -> tuple[TomlPair, ...]:
        """Every string value, however deep."""
        found = list[TomlPair]()
        waiting: list[tuple[Path, Any]] = [((), self.data)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, str):
                found.append(self._pair(path))
            elif isinstance(value, dict):
                waiting += [((*path, key), item) for key, item in value.items()]
            elif isinstance(value, list):
                waiting += [((*path, index), item) for index, item in enumerate(value)]
        return tuple(found)

    @cached_property
    def _places(self) -> tuple[Place, tuple[PlacedTable, ...]]:
        if self.data is None:
            return Place((0, 0), (0, 0)), ()
        return read_places(self.located.text)

    def _nearest(self, path: Path) -> Place:
        place = self._places[0]
        for step in path:
            found = place.inside(step)
            if found is None:
                break
            place = found
        return place

    def _pair(self, path: Path) -> TomlPair:
        return TomlPair(path, self.get(*path), self.key_span(*path), self.value_span(*path))


def toml_problem(located: LocatedText) -> SyntaxProblem | None:
    """Say why a text is no TOML, None when it is."""
    return _judge(located)[1]


def _judge(located: LocatedText) -> tuple[dict[str, Any] | None, SyntaxProblem | None]:
    text = located.text
    try:
        return tomli.loads(text), None
    except tomli.TOMLDecodeError as error:
        return None, _problem(located, _AT.sub("", str(error)), _error_offset(text, str(error)))
    except RecursionError:
        return None, _problem(located, "arrays or inline tables are nested too deeply", 0)
    except ValueError:
        # Python's own limit, far beyond the 64 bits of a TOML integer.
        return None, _problem(located, "a number is out of range", 0)


def _problem(located: LocatedText, message: str, offset: int) -> SyntaxProblem:
    text = located.text
    start = end = min(offset, len(text))
    if message.startswith("Cannot "):
        # The second definition of something: tomli notices at its end.
        start = max(text.rfind("\n", 0, end) + 1, 0)
    elif end < len(text) and text[end] not in "\r\n":
        end += 1
    message, advice = _REWORDED.get(message, (message[:1].lower() + message[1:], ""))
    return SyntaxProblem(message, located.span(start, end), advice)


def _error_offset(text: str, message: str) -> int:
    match = _AT.search(message)
    if match is None or match[1] is None:
        return len(text)
    start = 0
    for _ in range(int(match[1]) - 1):
        start = text.index("\n", start) + 1
    return start + int(match[2]) - 1


def _is_judgeable(decoded: DecodedText) -> bool:
    """Say whether every interpolation stands inside a TOML string, key or comment."""
    if not decoded.holes:
        return True
    texts = sorted(read_texts(decoded.text))
    starts = [start for start, _ in texts]
    before = (bisect.bisect_left(starts, hole) - 1 for hole in decoded.holes)
    return all(
        index >= 0 and hole < texts[index][1]
        for index, hole in zip(before, decoded.holes, strict=True)
    )
