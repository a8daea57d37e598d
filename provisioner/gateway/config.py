"""The gateway's configuration file and environment in, a checked `GatewayConfig` out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from provisioner.gateway.access_config import AccessConfig
from provisioner.gateway.auto_ai_router_config import AutoAiRouterConfig
from provisioner.gateway.deployment_config import (
    CircuitBreakerConfig,
    Condition,
    Era,
    RelayConfig,
)
from provisioner.gateway.langwatch_config import LangWatchConfig
from provisioner.gateway.policy.budget_config import BudgetConfig, PriceConfig
from provisioner.gateway.provider_config import ProviderConfig, beside_the_file
from provisioner.gateway.token_check_config import TokenCheckConfig
from provisioner.gateway.toml_file import read_toml

__all__ = [
    "DATABASE_VARIABLE",
    "GatewayConfig",
    "ListenConfig",
    "configured",
    "database_address",
    "default_state",
]

DATABASE_VARIABLE = "PROVISIONER_GATEWAY_DATABASE"
"""Where PostgreSQL is, password included; wins over the configuration file."""

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _without_port(host: str) -> str:
    if not host or "/" in host or host != host.strip():
        raise ValueError(f'"{host}" is not a host name or address')
    return host


def _scripted_provider() -> tuple[ProviderConfig, ...]:
    return (ProviderConfig(name="openai", type="openai", upstream="scripted"),)


class ListenConfig(BaseModel):
    """Where the gateway accepts connections, and how many processes do; port 0 is any free one."""

    model_config = _CONFIG

    host: Annotated[str, AfterValidator(_without_port)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 4001
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    hang_seconds: Annotated[float, Field(ge=2)] = 30
    """After how long a worker that does nothing is killed and started again."""


class GatewayConfig(BaseModel):
    """Everything the gateway can be told; the default needs no file at all."""

    model_config = _CONFIG

    dialect: Literal["auto-ai-router", "coder", "langwatch", "openai-compatible"] = "coder"
    era: Era = Era.V2_32
    condition: Condition = Condition.READY
    budget_usd: Annotated[float, Field(ge=0)] = 0
    allow_byok: bool = True
    max_concurrency: NonNegativeInt = 0
    rate_limit: NonNegativeInt = 0
    send_actor_headers: bool = False
    dump_dir: Path | None = None
    database: str | None = None
    """A PostgreSQL address; without it SQLite in the state directory."""
    first_token: bool = True
    """Whether a new database gets a token, which is printed when the gateway is ready."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 60
    """For how long interceptions are kept, 0 for ever; Coder's default."""
    structured_logging: bool = False
    """Whether each record is also a line of JSON on stderr, prompts and arguments included."""
    open_metrics: bool = False
    """Whether /metrics needs no token: its labels name users."""
    token_check: TokenCheckConfig | None = None
    # What is not given is made without the validators that only reading one would need.
    langwatch: LangWatchConfig = LangWatchConfig.model_construct()
    """What the dialect of that name does as LangWatch's pages or as its code does."""
    router_config: Path | None = None
    """The router's own config.yaml, which has the providers of the dialect auto-ai-router."""
    auto_ai_router: AutoAiRouterConfig = AutoAiRouterConfig.model_construct()
    """What the dialect of that name does as the router's pages or as its code does."""
    listen: ListenConfig = ListenConfig.model_construct()
    relay: RelayConfig = RelayConfig.model_construct()
    circuit_breaker: CircuitBreakerConfig = CircuitBreakerConfig.model_construct()
    budget: tuple[BudgetConfig, ...] = ()
    price: tuple[PriceConfig, ...] = ()
    """What models cost here, in place of the price list."""
    access: AccessConfig | None = None
    """Who may use which model, paid by whom: an access file that is enforced."""
    reserve_output_tokens: Annotated[int, Field(ge=0, le=1_000_000)] = 1_000
    """How long answers are taken to be before they are known, where budgets count them."""
    provider: tuple[ProviderConfig, ...] = Field(min_length=1, default_factory=_scripted_provider)

    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> str:
        """Where it was read from, empty for the default."""
        return "" if self._file is None else str(self._file)

    @field_validator("dump_dir", "router_config")
    @classmethod
    def _beside_the_file(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return beside_the_file(path, info)

    @field_validator("database")
    @classmethod
    def _without_password(cls, address: str | None) -> str | None:
        if address is not None and urlsplit(address).password is not None:
            raise ValueError(
                "a password does not belong in this file; "
                f"use PGPASSWORD, PGPASSFILE or {DATABASE_VARIABLE}"
            )
        return address

    @model_validator(mode="after")
    def _one_provider_without_names(self) -> Self:
        if self.dialect == "openai-compatible" and len(self.provider) > 1:
            raise ValueError("the dialect openai-compatible serves one provider")
        return self

    @model_validator(mode="after")
    def _router_has_its_file(self) -> Self:
        if (self.dialect == "auto-ai-router") is not (self.router_config is not None):
            raise ValueError('the dialect "auto-ai-router" and `router_config` go together')
        if self.router_config is not None and self.token_check is not None:
            raise ValueError("`token_check` is not for the router: its master key is asked")
        if self.router_config is not None and "provider" in self.model_fields_set:
            raise ValueError("`provider` stands in the router's own file, as credentials")
        return self

    @model_validator(mode="after")
    def _era_knows_the_condition(self) -> Self:
        later = {
            Condition.BUDGET_UNKNOWN: "budgets",
            Condition.OVER_BUDGET: "budgets",
            Condition.MODEL_DENIED: "model policies",
            Condition.MODEL_POLICY_UNKNOWN: "model policies",
        }.get(self.condition)
        if self.era is Era.V2_32 and later is not None:
            raise ValueError(f'condition "{self.condition.value}" needs era "2.36": {later}')
        return self

    @model_validator(mode="after")
    def _one_key_each(self) -> Self:
        for number, provider in enumerate(self.provider, start=1):
            if self.era is Era.V2_32 and len(provider.key_env) > 1:
                raise ValueError(f'provider[{number}].key_env: several keys need era "2.36"')
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for table, entries in (("provider", self.provider), ("budget", self.budget)):
            names = [entry.name for entry in entries]
            for number, name in enumerate(names):
                if name in names[:number]:
                    raise ValueError(f'{table}[{number + 1}].name: "{name}" is already taken')
        return self

    @model_validator(mode="after")
    def _modes_are_of_providers(self) -> Self:
        names = {provider.name for provider in self.provider}
        for name in self.access.modes if self.access is not None else ():
            if self.router_config is None and name not in names:
                raise ValueError(f'access.modes: no provider is "{name}"')
        return self

    @model_validator(mode="after")
    def _budgets_fit(self) -> Self:
        names = {provider.name for provider in self.provider}
        for number, budget in enumerate(self.budget, start=1):
            is_named_here = self.router_config is None
            if is_named_here and budget.provider and budget.provider not in names:
                raise ValueError(f'budget[{number}].provider: no provider is "{budget.provider}"')
            if self.dialect == "coder" and self.era is Era.V2_32:
                raise ValueError(f'budget[{number}]: budgets need era "2.36"')
        return self


def configured(
    path: Path | None, *, host: str | None, port: int | None, workers: int | None = None
) -> GatewayConfig:
    """Return the configuration in the file `path` (None: the default), listening as given.

    A YAML file is one of Auto AI Router, whose port is taken. Raises `InputError` with the place.
    """
    if path is not None and path.suffix in (".yaml", ".yml"):
        config = _of_router(path)
    else:
        config = GatewayConfig() if path is None else read_toml(path, GatewayConfig)
    config._file = path  # noqa: SLF001 - its own module
    given = {"host": host, "port": port, "workers": workers}
    changes = {name: value for name, value in given.items() if value not in (None, "")}
    return config.model_copy(update={"listen": config.listen.model_copy(update=changes)})


def _of_router(path: Path) -> GatewayConfig:
    from provisioner.gateway.router.file import read_router_file  # noqa: PLC0415 - few are one

    settings = AutoAiRouterConfig()
    port = read_router_file(path, settings).port
    return GatewayConfig(
        dialect="auto-ai-router", router_config=path, listen=ListenConfig(port=port)
    )


def database_address(config: GatewayConfig | None) -> str | None:
    """Return where PostgreSQL is, None for SQLite; the environment wins over the file."""
    given = os.environ.get(DATABASE_VARIABLE, "").strip()
    return given or (config.database if config is not None else None)


def default_state() -> Path:
    """Return where the gateway keeps its state unless told otherwise."""
    base = os.environ.get("XDG_STATE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return home / "provisioner" / "gateway"
