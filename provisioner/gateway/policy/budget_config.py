"""What the configuration says about one budget."""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provisioner.gateway.policy.windows import Window
from provisioner.knowledge.models import Price

__all__ = ["Breach", "BudgetConfig", "BudgetScope", "PriceConfig", "Unit", "Unpriced"]

_MICRO = 1_000_000
_MOST = 2**53 - 1


class BudgetScope(enum.StrEnum):
    """Whose spending a budget adds up."""

    ORGANIZATION = "organization"
    TEAM = "team"
    PROJECT = "project"
    VIRTUAL_KEY = "virtual_key"
    PRINCIPAL = "principal"
    """Each user."""
    GROUP = "group"
    """Each member of a group, apart from the others."""
    ATTRIBUTED_USER = "attributed_user"
    """Each end user that the client names."""


class Breach(enum.StrEnum):
    """What happens when a budget is spent."""

    BLOCK = "block"
    WARN = "warn"


class Unpriced(enum.StrEnum):
    """What happens to a request for a model whose price nobody knows."""

    ALLOW = "allow"
    """It passes and costs nothing, which is told once for each model."""
    REFUSE = "refuse"


class Unit(enum.StrEnum):
    """What a budget counts."""

    USD = "usd"
    """Millionths of a US dollar by the price list."""
    TOKENS = "tokens"
    REQUESTS = "requests"


class BudgetConfig(BaseModel):
    """A limit for all subjects of a scope, each on its own account, or for one `scope_id`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    scope: BudgetScope
    scope_id: str = ""
    window: Window
    provider: str = ""
    """Only what goes to this provider counts, and only that provider is closed."""
    limit_usd: Annotated[Decimal, Field(gt=0, le=1_000_000_000)] | None = None
    limit_tokens: Annotated[int, Field(gt=0, le=_MOST)] | None = None
    limit_requests: Annotated[int, Field(gt=0, le=_MOST)] | None = None
    on_breach: Breach = Breach.BLOCK
    warn_at_percent: Annotated[int, Field(ge=1, le=100)] = 80
    unpriced: Unpriced = Unpriced.ALLOW

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        limits = (self.limit_usd, self.limit_tokens, self.limit_requests)
        if sum(limit is not None for limit in limits) != 1:
            raise ValueError("give one of limit_usd, limit_tokens and limit_requests")
        if self.unpriced is Unpriced.REFUSE and self.limit_usd is None:
            raise ValueError('unpriced = "refuse" is for budgets in dollars, with limit_usd')
        if not self.limit:
            raise ValueError("limit_usd is less than a millionth of a dollar; make it larger")
        return self

    @property
    def unit(self) -> Unit:
        """What it counts."""
        if self.limit_usd is not None:
            return Unit.USD
        return Unit.TOKENS if self.limit_tokens is not None else Unit.REQUESTS

    @property
    def limit(self) -> int:
        """The limit in units, millionths of a dollar for money."""
        if self.limit_usd is not None:
            return int(self.limit_usd * _MICRO)
        return self.limit_tokens or self.limit_requests or 0


_Dollars = Annotated[float, Field(ge=0, le=1_000_000)]


class PriceConfig(BaseModel):
    """What a model costs here: US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    model: Annotated[str, Field(min_length=1)]
    input: _Dollars
    output: _Dollars
    cached_input: _Dollars | None = None
    """As much as `input` when it is not given."""
    reasoning: _Dollars | None = None
    """As much as `output` when it is not given."""

    @property
    def price(self) -> Price:
        """The price as the price list has it."""
        cached = self.input if self.cached_input is None else self.cached_input
        return Price(self.input, cached, self.output, "configuration", self.reasoning)
