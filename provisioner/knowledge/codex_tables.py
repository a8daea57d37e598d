"""What Codex reads in the tables of `config.toml`: their keys and the types of the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from provisioner.knowledge.codex_config import (
    ConfigKey,
    choices_of,
    config_keys,
    is_surely_unknown,
)
from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["CodexTable", "CodexTables", "codex_tables"]


_Path = tuple[str, ...]


class CodexTable(Struct, frozen=True):
    """One table of a config: where it stands, and the keys that it can have."""

    pattern: tuple[str, ...]
    path: tuple[str, ...]
    keys: Mapping[str, ConfigKey]
    content: Mapping[str, Any]


class CodexTables(Struct, frozen=True):
    """Pattern → keys, for the tables that are known; a `*` of a pattern is any name.

    `entries` is what every value of such a table must be, in Codex's words.
    """

    measured_on: tuple[Version, ...]
    tables: Mapping[tuple[str, ...], Mapping[str, ConfigKey]]
    entries: Mapping[tuple[str, ...], str]
    mcp_transports: Mapping[str, tuple[str, ...]]
    """Transport → the keys that an MCP server with it cannot have."""

    def missing(self, data: Mapping[str, Any], codex: Version) -> Iterator[tuple[_Path, str]]:
        """Yield every table that lacks a field it must have, and the field Codex names."""
        for pattern, rows in toml_data("codex_tables.toml")["required"].items():
            for path, content in _at(data, tuple(pattern.split("."))):
                names = choices_of(rows, codex) if isinstance(content, dict) else ()
                if lacking := [name for name in names if name not in content]:
                    yield path, lacking[0]

    def wants_absolute_cwd(self, codex: Version) -> bool:
        """Say whether an MCP server with an `environment_id` needs an absolute `cwd`."""
        row = toml_data("codex_tables.toml")["mcp_environment_cwd"]
        return Version.parse(row["since"]) <= codex < Version.parse(row["until"])

    def within(self, data: Mapping[str, Any]) -> Iterator[CodexTable]:
        """Yield the known tables that a config has."""
        for pattern, keys in self.tables.items():
            for path, content in _at(data, pattern):
                if isinstance(content, dict):
                    yield CodexTable(pattern, path, keys, content)

    def is_unknown(self, key: str, table: CodexTable, codex: Version) -> bool:
        """Say whether that Codex surely has no `key` in `table`."""
        return is_surely_unknown(table.keys.get(key), self.measured_on, codex)

    def choices(self, table: CodexTable, key: str, codex: Version) -> tuple[str, ...]:
        """Return the words that a key of type `a choice` takes; none when they are not known."""
        rows = toml_data("codex_tables.toml")["choices"]
        return choices_of(rows.get(".".join((*table.pattern, key)), ()), codex)


def _at(
    data: Any,  # noqa: ANN401 - whatever TOML can hold
    pattern: tuple[str, ...],
) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not pattern:
        yield (), data
        return
    first, *rest = pattern
    for name, value in data.items() if isinstance(data, dict) else ():
        if first in {"*", name}:
            for path, found in _at(value, tuple(rest)):
                yield (name, *path), found


@cache
def codex_tables() -> CodexTables:
    """Read the knowledge once."""
    data = toml_data("codex_tables.toml")
    return CodexTables(
        measured_on=tuple(map(Version.parse, data["measured_on"])),
        tables={
            tuple(pattern.split(".")): config_keys(keys) for pattern, keys in data["tables"].items()
        },
        mcp_transports={name: tuple(keys) for name, keys in data["mcp_transport"].items()},
        entries={tuple(pattern.split(".")): kind for pattern, kind in data["entries"].items()},
    )
