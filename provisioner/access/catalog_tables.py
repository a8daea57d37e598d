"""The catalog file: models of an organization's own, beside those that Codex knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from provisioner.access.tables import Dollars, ModeName
from provisioner.spec.table import Table
from provisioner.spec.values import Line, Name, Tokens

__all__ = ["CatalogTables", "EffortTable", "EntryTable", "PricingTable"]


def _model_id(text: str) -> str:
    if set(text) & set(' "\\'):
        raise ValueError("must not contain spaces, quotes or backslashes")
    return text


ModelId = Annotated[Line, AfterValidator(_model_id)]


class PricingTable(Table):
    """US cents for a million tokens."""

    input_per_mtoken_cents: Dollars = Field(description="tokens read as new")
    output_per_mtoken_cents: Dollars = Field(description="tokens written")
    cached_input_per_mtoken_cents: Dollars | None = Field(
        default=None, description="tokens read from the cache; without it, as those read as new"
    )
    reasoning_per_mtoken_cents: Dollars | None = Field(
        default=None, description="tokens only thought; without it, as those written"
    )


class EffortTable(Table):
    """One reasoning effort."""

    value: Line = Field(description="what profiles say")
    label: Line | None = Field(default=None, description="what people read")
    provider_param: Line | None = Field(
        default=None, description="what Codex is told; without it, the value"
    )


class EntryTable(Table):
    """One model."""

    provider: Name = Field(default="codex", description="provider of the model")
    model_id: ModelId = Field(description="the model, as the gateway calls it")
    display_name: Line | None = Field(default=None, description="what people read")
    description: Line | None = Field(default=None, description="what it is for")
    company: Line = Field(
        default="openai", description="who makes it: a row of policies can be about it"
    )
    deprecated: bool = Field(default=False, description="whether it must not be used any more")
    replaced_by: Line | None = Field(
        default=None, description="id of the model to use instead, as `provider/model`"
    )
    efforts: tuple[EffortTable, ...] = Field(
        default=(), strict=False, description="the reasoning efforts it has"
    )
    auth_modes: tuple[ModeName, ...] = Field(
        default=("byok", "metered", "shared", "host-session", "local"),
        strict=False,
        description="the auth modes it can be had in",
    )
    context_window: Tokens | None = Field(default=None, description="tokens of a conversation")
    capability_tags: tuple[Line, ...] = Field(
        default=(), strict=False, description="words to find it by"
    )
    pricing: PricingTable | None = Field(default=None, description="what it costs")


class CatalogTables(Table):
    """One catalog file; an entry with the key of a built-in one takes its place."""

    model: tuple[EntryTable, ...] = Field(default=(), strict=False, description="the models")
