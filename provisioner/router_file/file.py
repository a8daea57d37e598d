"""YAML → the tables of a configuration file of the router, with the places of what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from provisioner.finding import FILE_START, Span
from provisioner.knowledge.auto_ai_router import RouterKey, router_keys
from provisioner.syntax.yaml_document import YamlDocument, YamlNode

__all__ = ["RouterAlias", "RouterFile", "RouterTable"]

# What no other YAML is likely to have; an empty file is none of the router's either.
_MARKS = ("server", "credentials", "models", "fail2ban")
_SUBTABLES = ("server", "fail2ban", "monitoring", "litellm_db", "redis")


class RouterTable(Struct, frozen=True):
    """One table: `kind` says which keys it may have, `label` is how messages call it."""

    kind: str
    label: str
    span: Span
    entries: Mapping[str, tuple[YamlNode, YamlNode]]

    @property
    def keys(self) -> Mapping[str, RouterKey]:
        """The keys that such a table may have."""
        return router_keys()[self.kind]

    def text(self, key: str) -> str:
        """Return the scalar at `key`, or its default where the file says nothing."""
        node = self.entries[key][1] if key in self.entries else None
        if node is None or node.kind != "scalar" or node.is_null:
            return self.keys[key].default
        return node.text

    def has(self, key: str) -> bool:
        """Say whether the file says something at `key`."""
        return key in self.entries and not self.entries[key][1].is_null

    def node(self, key: str) -> YamlNode | None:
        """Return the value at `key`."""
        return self.entries[key][1] if key in self.entries else None

    def value_span(self, key: str) -> Span:
        """Return where the value at `key` stands, or the table where it has none."""
        return self.entries[key][1].span if key in self.entries else self.span


class RouterAlias(Struct, frozen=True):
    """Another name for a model. `is_listed` is the spelling `- alias/target`."""

    name: str
    target: str
    span: Span
    is_listed: bool = False


class RouterFile(Struct, frozen=True, dict=True):
    """One file whose YAML could be read; what is no table or list is as if it were not there."""

    document: YamlDocument

    @property
    def path(self) -> str:
        """The path a user knows it by."""
        return self.document.source.path

    @property
    def is_something_else(self) -> bool:
        """Whether it could be read and has nothing that only the router has."""
        is_read = self.document.problem is None
        return is_read and not any(name in self.root.entries for name in _MARKS)

    @cached_property
    def root(self) -> RouterTable:
        """The whole file."""
        node = self.document.root
        entries = _entries(node) if node is not None else {}
        return RouterTable("root", "the file", FILE_START, entries)

    @cached_property
    def tables(self) -> tuple[RouterTable, ...]:
        """The tables at the top that there are."""
        return tuple(self.table(name) for name in _SUBTABLES if self.root.has(name))

    def table(self, name: str) -> RouterTable:
        """Return a table at the top, an empty one where there is none."""
        if name not in self.root.entries:
            return RouterTable(name, name, FILE_START, {})
        key, node = self.root.entries[name]
        return RouterTable(name, name, key.span, _entries(node))

    @cached_property
    def credentials(self) -> tuple[RouterTable, ...]:
        """The credentials."""
        return tuple(_listed(self.root, "credentials", "credential"))

    @cached_property
    def models(self) -> tuple[RouterTable, ...]:
        """The models."""
        return tuple(_listed(self.root, "models", "model"))

    @cached_property
    def error_code_rules(self) -> tuple[RouterTable, ...]:
        """The rules of fail2ban for single statuses."""
        return tuple(_listed(self.table("fail2ban"), "error_code_rules", "error_code_rules"))

    @cached_property
    def aliases(self) -> tuple[RouterAlias, ...]:
        """The aliases in both spellings; one that is neither is left out."""
        written = self.root.node("model_alias")
        listed = self.root.node("model_aliases")
        return (
            *(_mapped(written, is_listed=False) if written is not None else ()),
            *(_mapped(listed, is_listed=True) if listed is not None else ()),
            *(_split(listed) if listed is not None else ()),
        )


def _entries(node: YamlNode) -> dict[str, tuple[YamlNode, YamlNode]]:
    return {key.text: (key, value) for key, value in node.entries}


def _listed(table: RouterTable, name: str, label: str) -> Iterator[RouterTable]:
    node = table.node(name)
    for number, item in enumerate(node.items if node is not None else ()):
        entries = _entries(item)
        called = entries.get("name") or entries.get("model")
        shown = called[1].text if called is not None and called[1].text else str(number)
        first = called[1].span if called is not None else None
        span = first or (next(iter(entries.values()))[0].span if entries else item.span)
        yield RouterTable(name, f"{label} {shown}", span, entries)


def _mapped(node: YamlNode, *, is_listed: bool) -> Iterator[RouterAlias]:
    for key, value in node.entries:
        if value.kind == "scalar" and not value.is_null:
            yield RouterAlias(key.text, value.text, value.span, is_listed)


def _split(node: YamlNode) -> Iterator[RouterAlias]:
    for item in node.items:
        alias, slash, target = item.text.partition("/")
        if slash and alias and target:
            yield RouterAlias(alias, target, item.span, is_listed=True)
