"""What one Codex reads as its config: TOML documents laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from provisioner.finding import Span
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["OPENAI", "CodexConfig", "Found", "Layer"]

OPENAI = "openai"
"""The model provider that Codex uses when none is selected."""

_Path = tuple[str | int, ...]


class Layer(Struct, frozen=True, dict=True):
    """A document, or the table of it at `prefix`, whose keys count as root keys."""

    document: TomlDocument
    prefix: _Path = ()


class Found(Struct, frozen=True, dict=True):
    """A value and where it was found."""

    document: TomlDocument
    path: _Path
    value: Any

    @property
    def file(self) -> str:
        """Path of the file."""
        return self.document.path

    @property
    def key_span(self) -> Span:
        """Where the key stands."""
        return self.document.key_span(*self.path)

    @property
    def value_span(self) -> Span:
        """Where the value stands."""
        return self.document.value_span(*self.path)

    @property
    def has_hole(self) -> bool:
        """Whether an interpolation decides a part of the value."""
        return self.document.has_hole(*self.path)


class CodexConfig(Struct, frozen=True, dict=True):
    """Layers, the lowest first, that one Codex reads; a later one wins key by key.

    It is not `complete` when a part of it is not here, and `appended_providers` are those that a
    module writes into it.
    """

    layers: tuple[Layer, ...]
    release: CodexRelease
    appended_providers: frozenset[str] = frozenset()
    complete: bool = True

    @cached_property
    def documents(self) -> tuple[TomlDocument, ...]:
        """The documents of the layers, each once."""
        return tuple({id(layer.document): layer.document for layer in self.layers}.values())

    @property
    def is_known(self) -> bool:
        """Whether everything that Codex will read is here."""
        return self.complete and all(document.data is not None for document in self.documents)

    def find(self, *path: str | int) -> Found | None:
        """Return what the highest layer that has `path` says."""
        for layer in reversed(self.layers):
            full = (*layer.prefix, *path)
            value = layer.document.get(*full)
            if value is not None:
                return Found(layer.document, full, value)
        return None

    def text(self, *path: str | int) -> Found | None:
        """Return the string at `path`, None for anything else."""
        found = self.find(*path)
        return found if found and isinstance(found.value, str) else None

    @cached_property
    def providers(self) -> dict[str, dict[str, Any]]:
        """Every table of a model provider, merged over the layers, by id."""
        merged: dict[str, dict[str, Any]] = {}
        for layer in self.layers:
            tables = layer.document.get(*layer.prefix, "model_providers")
            for name, table in tables.items() if isinstance(tables, dict) else ():
                if isinstance(table, dict):
                    merged[name] = _merged(merged.get(name, {}), table)
        return merged

    @property
    def provider_names(self) -> set[str]:
        """Id of everything below `model_providers`, a table or not."""
        tables = [layer.document.get(*layer.prefix, "model_providers") for layer in self.layers]
        return {name for table in tables if isinstance(table, dict) for name in table}

    @cached_property
    def custom_providers(self) -> dict[str, dict[str, Any]]:
        """Those that are not built in."""
        built_in = codex_config_keys().built_in_providers(self.release.version)
        return {name: table for name, table in self.providers.items() if name not in built_in}

    @property
    def provider_id(self) -> str:
        """Id of the selected model provider."""
        found = self.text("model_provider")
        return str(found.value) if found else OPENAI

    @property
    def provider(self) -> Mapping[str, Any]:
        """Table of the selected model provider; empty when it has none."""
        return self.providers.get(self.provider_id, {})

    def in_provider(self, key: str) -> Found | None:
        """Return `key` of the selected model provider."""
        return self.find("model_providers", self.provider_id, key)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _merged(old, value)  # noqa: PLW2901 - the value that wins
        merged[key] = value
    return merged
