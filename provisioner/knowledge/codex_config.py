"""What Codex reads in `config.toml`: keys, tables, built-in model providers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from provisioner.knowledge.data import toml_data

__all__ = ["CodexConfigKeys", "codex_config_keys"]


@dataclass(frozen=True, slots=True)
class CodexConfigKeys:
    """The names Codex knows."""

    root_keys: frozenset[str]
    built_in_providers: frozenset[str]
    wire_apis: tuple[str, ...]
    tables: dict[tuple[str, ...], frozenset[str]]

    def is_misplaced(self, key: str, table: Sequence[str | int]) -> bool:
        """Say whether `key` belongs to the root and means nothing in `table`."""
        if key not in self.root_keys:
            return False
        for pattern, own in self.tables.items():
            if _matches(pattern, table):
                return key not in own
        return False


def _matches(pattern: tuple[str, ...], path: Sequence[str | int]) -> bool:
    return len(pattern) == len(path) and all(
        wanted in {"*", step} for wanted, step in zip(pattern, path, strict=True)
    )


@cache
def codex_config_keys() -> CodexConfigKeys:
    """Read the knowledge once."""
    data = toml_data("codex_config.toml")
    return CodexConfigKeys(
        root_keys=frozenset(data["root_keys"]),
        built_in_providers=frozenset(data["built_in_providers"]),
        wire_apis=tuple(data["wire_apis"]),
        tables={tuple(path.split(".")): frozenset(own) for path, own in data["tables"].items()},
    )
