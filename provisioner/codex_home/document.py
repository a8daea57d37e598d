"""One config file: its text, its data, and where in the text everything is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provisioner.codex_home.managed_block import managed_blocks
from provisioner.codex_home.model import KeyPath, RefusedError
from provisioner.codex_home.toml_layout import Layout, Range, read_layout, starts_with
from provisioner.codex_home.toml_values import MISSING, look_up, toml_value
from provisioner.errors import InputError
from provisioner.finding import Position

__all__ = ["Document"]

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


@dataclass(frozen=True)
class Document:
    """A file that is TOML; `label` names it in messages."""

    label: str
    text: str
    data: dict[str, Any]
    layout: Layout

    @classmethod
    def parse(cls, label: str, text: str) -> Document:
        """Read `text`; raises `InputError` when it is not TOML."""
        try:
            return cls(label, text, tomllib.loads(text), read_layout(text))
        except tomllib.TOMLDecodeError as error:
            match = _AT.search(str(error))
            line, column = match.groups() if match else (None, None)
            place = f"{label}:{line}:{column}" if line else label
            reason = _AT.sub("", str(error))
            raise InputError(f"{place}: this is not TOML: {reason}; correct it first") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{label}: this TOML cannot be edited: {error}") from error

    @cached_property
    def managed(self) -> tuple[Range, ...]:
        """The blocks that are not ours to edit; raises `RefusedError` when one has no end."""
        try:
            return managed_blocks(self.text)
        except ValueError as error:
            raise RefusedError(f"{self.label}:{error}") from error

    @property
    def newline(self) -> str:
        """How the first line ends."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def get(self, path: KeyPath) -> Any:  # noqa: ANN401 - whatever TOML holds
        """Return the value at `path`, MISSING when there is none."""
        return look_up(self.data, path)

    def raw(self, path: KeyPath) -> str | None:
        """Return the value at `path` as it is written, on one line if that is in pieces."""
        pair = self.layout.pair(path)
        if pair:
            return self.text[slice(*pair.value)]
        value = self.get(path)
        return None if value is MISSING else toml_value(value)

    def position(self, path: KeyPath) -> Position:
        """Return where `path` is first written, or its nearest ancestor."""
        for length in range(len(path), 0, -1):
            prefix = path[:length]
            places = [pair.key[0] for pair in self.layout.pieces(prefix)]
            places += [
                section.span[0]
                for section in self.layout.sections[1:]
                if starts_with(section.path, prefix)
            ]
            if places:
                return self.at(min(places))
        return self.at(0)

    def at(self, offset: int) -> Position:
        """Return the line and column of `offset`."""
        line = self.text.count("\n", 0, offset) + 1
        return Position(line, offset - self.text.rfind("\n", 0, offset))
