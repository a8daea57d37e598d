"""Models by what Codex knows of them: context window, efforts, service tiers, price."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["Model", "Price", "known_models", "models"]


class Price(Struct, frozen=True):
    """US dollars for a million tokens, for requests of up to 272,000 input tokens."""

    input: float
    cached_input: float
    output: float
    source: str
    reasoning: float | None = None
    """For tokens that the model only thought; None where they cost as much as those it wrote."""


class Model(Struct, frozen=True):
    """One model of Codex's bundled catalogue."""

    slug: str
    since: Version
    until: Version | None
    context_window: int
    max_context_window: int
    efforts: tuple[str, ...]
    default_effort: str
    service_tiers: tuple[str, ...]
    hidden: bool
    code_mode_only: bool
    open_weights: bool
    """Whether anyone may run it on a machine of their own."""
    price: Price | None

    def known_to(self, codex: Version) -> bool:
        """Say whether that Codex has the model in its catalogue."""
        return self.since <= codex and (self.until is None or codex < self.until)


@cache
def models() -> tuple[Model, ...]:
    """Every model of every measured version, newest first."""
    return tuple(
        Model(
            slug=row["slug"],
            since=Version.parse(row["since"]),
            until=Version.parse(row["until"]) if "until" in row else None,
            context_window=row["context_window"],
            max_context_window=row["max_context_window"],
            efforts=tuple(row["efforts"]),
            default_effort=row["default_effort"],
            service_tiers=tuple(row.get("service_tiers", ())),
            hidden=row.get("hidden", False),
            code_mode_only=row.get("code_mode_only", False),
            open_weights=row.get("open_weights", False),
            price=Price(**row["price"], source=row["price_source"]) if "price" in row else None,
        )
        for row in toml_data("models.toml")["model"]
    )


def known_models(codex: Version) -> dict[str, Model]:
    """Return the models in the catalogue of that Codex, by slug."""
    return {model.slug: model for model in models() if model.known_to(codex)}
