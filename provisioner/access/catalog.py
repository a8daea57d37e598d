"""The model catalog: which models there are, what they can do, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.denial import AccessDenied, Denial
from provisioner.knowledge.models import Model, Price, models
from provisioner.knowledge.prices import Tokens, cost_of

__all__ = ["CODEX", "Catalog", "CatalogEntry", "Effort", "built_in_entries"]

CODEX = "codex"
"""The provider of models that Codex runs, as the catalog calls it."""


@dataclass(frozen=True, slots=True)
class Effort:
    """One reasoning effort: what people write, what they read, what Codex is told."""

    value: str
    label: str
    provider_param: str


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model of one provider; it never changes once it is there, but can be replaced."""

    provider: str
    model_id: str
    display_name: str
    description: str = ""
    company: str = "openai"
    """Who makes the model: a row of access policies may be about it."""
    deprecated: bool = False
    replaced_by: str = ""
    """Id of the entry to use instead; empty for none."""
    efforts: tuple[Effort, ...] = ()
    auth_modes: tuple[AuthMode, ...] = PREFERENCE
    context_window: int | None = None
    max_context_window: int | None = None
    capability_tags: tuple[str, ...] = ()
    price: Price | None = None
    hidden: bool = False
    built_in: bool = False

    @property
    def id(self) -> str:
        """What commands call it: `provider/model`."""
        return f"{self.provider}/{self.model_id}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All entries by id."""

    entries: Mapping[str, CatalogEntry] = field(default_factory=dict)

    @classmethod
    def of(cls, own: Iterable[CatalogEntry] = ()) -> Catalog:
        """Return the built-in entries with `own` in their places or behind them."""
        every = [*built_in_entries(), *own]
        return cls({entry.id: entry for entry in every})

    def names(self) -> frozenset[str]:
        """Return what rows of a policy may be about: model ids and companies."""
        every = self.entries.values()
        return frozenset(name for entry in every for name in (entry.model_id, entry.company))

    def find(self, name: str) -> CatalogEntry | None:
        """Return the entry with this id, or the only one with this model id."""
        if name in self.entries:
            return self.entries[name]
        same = [entry for entry in self.entries.values() if entry.model_id == name]
        return same[0] if len(same) == 1 else None

    def current(self, provider: str, model_id: str) -> tuple[CatalogEntry, tuple[str, ...]]:
        """Return the entry to use for a model, and the ids of the deprecated ones on the way.

        Raises `AccessDenied` for a model that is not there, and for one that is deprecated when
        nothing, or only itself again, replaces it.
        """
        entry, passed = self._entry(f"{provider}/{model_id}"), list[str]()
        while entry.deprecated:
            passed.append(entry.id)
            if not entry.replaced_by:
                message = f'model "{entry.id}" is deprecated, and nothing replaces it'
                raise AccessDenied(Denial.MODEL_DEPRECATED, message)
            if entry.replaced_by in passed:
                message = f"models replace each other: {' -> '.join([*passed, entry.replaced_by])}"
                raise AccessDenied(Denial.MODEL_DEPRECATED, message)
            entry = self._entry(entry.replaced_by)
        return entry, tuple(passed)

    def cost(self, name: str, tokens: Tokens, *, reasoning: int = 0) -> Decimal | None:
        """Return what `tokens` of a model cost in US dollars; None when nobody knows its price."""
        entry = self.find(name)
        if entry is None or entry.price is None:
            return None
        return cost_of(entry.price, tokens, reasoning=reasoning)

    def _entry(self, name: str) -> CatalogEntry:
        if name in self.entries:
            return self.entries[name]
        message = f'model not in catalog: "{name}"; `provisioner catalog list` shows what is'
        raise AccessDenied(Denial.MODEL_NOT_IN_CATALOG, message)


def built_in_entries() -> tuple[CatalogEntry, ...]:
    """Return an entry for every model that a measured Codex knows by itself."""
    return tuple(map(_built_in, models()))


def _built_in(model: Model) -> CatalogEntry:
    modes = tuple(m for m in PREFERENCE if model.open_weights or m is not AuthMode.LOCAL)
    tags = ["codex", *(f"tier:{tier}" for tier in model.service_tiers)]
    tags += ["code-mode-only"] * model.code_mode_only + ["open-weights"] * model.open_weights
    known = f"known to Codex {model.since}"
    known += f" to before {model.until}" if model.until else " and newer"
    return CatalogEntry(
        provider=CODEX,
        model_id=model.slug,
        display_name=model.slug,
        description=known,
        efforts=tuple(Effort(value, value.capitalize(), value) for value in model.efforts),
        auth_modes=modes,
        context_window=model.context_window,
        max_context_window=model.max_context_window,
        capability_tags=tuple(tags),
        price=model.price,
        hidden=model.hidden,
        built_in=True,
    )
