"""What Codex reads in `config.toml`: keys, the types of their values, built-in model providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = [
    "BuiltInProvider",
    "CodexConfigKeys",
    "ConfigKey",
    "choices_of",
    "codex_config_keys",
    "config_keys",
    "is_surely_unknown",
]


class ConfigKey(Struct, frozen=True):
    """One key; `type` is what Codex says that it expects, such as `a string` or `u64`."""

    name: str
    type: str
    since: Version | None = None
    until: Version | None = None

    def known_to(self, codex: Version) -> bool:
        """Say whether that Codex reads the key."""
        return _within(codex, self.since, self.until)


class BuiltInProvider(Struct, frozen=True):
    """A model provider that needs no table; `changeable` are the keys that a table may have."""

    id: str
    url: str | None
    changeable: tuple[str, ...]
    may_be_empty: bool
    """Whether a table without a key is taken."""


class CodexConfigKeys(Struct, frozen=True):
    """The names Codex knows, and what it takes as their values."""

    measured_on: tuple[Version, ...]
    root: Mapping[str, ConfigKey]
    provider: Mapping[str, ConfigKey]
    profile: Mapping[str, ConfigKey]
    wire_apis: tuple[str, ...]
    long_gone: frozenset[str]
    openai_url: str
    chatgpt_url: str
    tables: Mapping[tuple[str, ...], frozenset[str]]

    @property
    def root_keys(self) -> frozenset[str]:
        """Every root key of any version."""
        return frozenset(self.root)

    def is_misplaced(self, key: str, table: Sequence[str | int]) -> bool:
        """Say whether `key` belongs to the root and means nothing in `table`."""
        if key not in self.root:
            return False
        for pattern, own in self.tables.items():
            if _matches(pattern, table):
                return key not in own
        return False

    def is_unknown(self, key: str, table: Mapping[str, ConfigKey], codex: Version) -> bool:
        """Say whether that Codex surely has no `key` in `table`.

        Between two versions that were measured, a key of either may be there.
        """
        return is_surely_unknown(table.get(key), self.measured_on, codex)

    def choices(self, key: str, codex: Version) -> tuple[str, ...]:
        """Return the values that a key of type `a choice` takes; none when they are not known."""
        return choices_of(toml_data("codex_config.toml")["choices"].get(key, ()), codex)

    def is_removed(self, key: str, codex: Version) -> bool:
        """Say whether that Codex does not start when it finds `key` at the root."""
        row = toml_data("codex_config.toml")["removed"].get(key)
        return row is not None and codex >= Version.parse(row["since"])

    def built_in_providers(self, codex: Version) -> dict[str, BuiltInProvider]:
        """Return the model providers that exist without a table, by id."""
        return {
            row["id"]: BuiltInProvider(
                row["id"],
                row.get("url"),
                choices_of(row.get("changeable", ()), codex),
                "empty_table_since" in row and codex >= Version.parse(row["empty_table_since"]),
            )
            for row in toml_data("codex_config.toml")["built_in"]
            if _within(codex, _version(row, "since"), None)
        }


def is_surely_unknown(
    key: ConfigKey | None, measured_on: Sequence[Version], codex: Version
) -> bool:
    """Say whether that Codex has no `key`: it lacks on the measured versions next to it."""
    older = [version for version in measured_on if version <= codex]
    newer = [version for version in measured_on if version >= codex]
    around = max(older, default=measured_on[0]), min(newer, default=measured_on[-1])
    return key is None or not any(key.known_to(version) for version in around)


def _within(codex: Version, since: Version | None, until: Version | None) -> bool:
    return (since is None or since <= codex) and (until is None or codex < until)


def _matches(pattern: tuple[str, ...], path: Sequence[str | int]) -> bool:
    return len(pattern) == len(path) and all(
        wanted in {"*", step} for wanted, step in zip(pattern, path, strict=True)
    )


def choices_of(rows: Sequence[str | dict[str, str]], codex: Version) -> tuple[str, ...]:
    """Return the values that Codex has; a row is a value, or one with `since` and `until`."""
    plain = [{"value": row} if isinstance(row, str) else row for row in rows]
    return tuple(row["value"] for row in plain if _within(codex, *_versions(row)))


def _versions(row: Mapping[str, Any]) -> tuple[Version | None, Version | None]:
    return _version(row, "since"), _version(row, "until")


def _version(row: Mapping[str, Any], name: str) -> Version | None:
    return Version.parse(row[name]) if name in row else None


def config_keys(rows: Mapping[str, str | dict[str, str]]) -> dict[str, ConfigKey]:
    """Read the keys of one table; a row is a type, or `type` with `since` and `until`."""
    plain = {key: {"type": row} if isinstance(row, str) else row for key, row in rows.items()}
    return {
        key: ConfigKey(key, row["type"], _version(row, "since"), _version(row, "until"))
        for key, row in plain.items()
    }


@cache
def codex_config_keys() -> CodexConfigKeys:
    """Read the knowledge once."""
    data = toml_data("codex_config.toml")
    tables = {tuple(path.split(".")): frozenset(own) for path, own in data["tables"].items()}
    # A root key below these headers is misplaced unless the table has a key of that name.
    tables[("model_providers", "*")] = frozenset(data["provider"])
    tables[("profiles", "*")] = frozenset(data["profile"])
    return CodexConfigKeys(
        measured_on=tuple(Version.parse(text) for text in data["measured_on"]),
        root=config_keys(data["root"]),
        provider=config_keys(data["provider"]),
        profile=config_keys(data["profile"]),
        wire_apis=tuple(data["wire_apis"]),
        long_gone=frozenset(data["long_gone"]),
        openai_url=data["openai_url"],
        chatgpt_url=data["chatgpt_url"],
        tables=tables,
    )
