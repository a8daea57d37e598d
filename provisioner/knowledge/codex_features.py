"""The names below `[features]` of a Codex config, by version."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from provisioner.knowledge.codex_config import ConfigKey, is_surely_unknown
from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["CodexFeatures", "codex_features"]


class CodexFeatures(Struct, frozen=True):
    """Every feature of a measured version, those that are removed with the version of that."""

    measured_on: tuple[Version, ...]
    by_name: dict[str, ConfigKey]
    removed: dict[str, Version]
    aliases: frozenset[str]

    def is_unknown(self, name: str, codex: Version) -> bool:
        """Say whether that Codex surely has no feature `name`."""
        found = self.by_name.get(name)
        return name not in self.aliases and is_surely_unknown(found, self.measured_on, codex)

    def is_removed(self, name: str, codex: Version) -> bool:
        """Say whether that Codex takes `name` and does nothing with it."""
        return name in self.removed and self.removed[name] <= codex

    def names(self, codex: Version) -> list[str]:
        """Return the features that can be switched."""
        known = (name for name, key in self.by_name.items() if key.known_to(codex))
        return [name for name in known if not self.is_removed(name, codex)]


@cache
def codex_features() -> CodexFeatures:
    """Read the knowledge once."""
    data = toml_data("codex_features.toml")
    rows: dict[str, dict[str, str]] = data["features"]
    return CodexFeatures(
        measured_on=tuple(map(Version.parse, data["measured_on"])),
        by_name={
            name: ConfigKey(name, "a boolean", *(_version(row, key) for key in ("since", "until")))
            for name, row in rows.items()
        },
        removed={
            name: Version.parse(row["removed"]) for name, row in rows.items() if "removed" in row
        },
        aliases=frozenset(data["aliases"]),
    )


def _version(row: dict[str, str], key: str) -> Version | None:
    return Version.parse(row[key]) if key in row else None
