"""The gateway's configuration file and environment in, a checked `GatewayConfig` out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from provisioner.errors import InputError
from provisioner.gateway.toml_file import read_toml
from provisioner.redact import Secret

__all__ = [
    "GatewayConfig",
    "ListenConfig",
    "ProviderConfig",
    "TokenCheckConfig",
    "configured",
    "database_address",
    "default_state",
]

_DATABASE_VARIABLE = "PROVISIONER_GATEWAY_DATABASE"

_PROVIDER_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_CONFIG = ConfigDict(extra="forbid", frozen=True)


def _without_port(host: str) -> str:
    if not host or "/" in host or host != host.strip():
        raise ValueError(f'"{host}" is not a host name or address')
    return host


def _provider_name(name: str) -> str:
    if not _PROVIDER_NAME.match(name):
        raise ValueError(
            f'"{name}" must be lower-case letters and digits, in groups joined by single hyphens'
        )
    return name


def _from_folder_of_config(path: Path | None, info: ValidationInfo) -> Path | None:
    """Take a relative path from the folder of the configuration file."""
    folder = info.context
    return folder / path if path is not None and isinstance(folder, Path) else path


class ListenConfig(BaseModel):
    """Where the gateway accepts connections; port 0 is any free one."""

    model_config = _CONFIG

    host: Annotated[str, AfterValidator(_without_port)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 4001


class ProviderConfig(BaseModel):
    """One upstream AI service as clients address it: `/<name>/v1/...`."""

    model_config = _CONFIG

    name: Annotated[str, AfterValidator(_provider_name)]
    type: Literal["openai"]
    upstream: Literal["scripted"]
    script: Path | None = None

    @field_validator("script")
    @classmethod
    def _beside_the_file(cls, script: Path | None, info: ValidationInfo) -> Path | None:
        return _from_folder_of_config(script, info)


class TokenCheckConfig(BaseModel):
    """Who else knows tokens: a Coder deployment, or a webhook that answers as RFC 7662 says."""

    model_config = _CONFIG

    kind: Literal["coder", "webhook"]
    url: str
    cache_seconds: Annotated[float, Field(ge=0, le=60)] = 5
    secret_env: str | None = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("must be an http or https address without a user")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _only_a_webhook_has_a_secret(self) -> Self:
        if self.secret_env and self.kind != "webhook":
            raise ValueError("secret_env is for a webhook; Coder knows the token alone")
        return self

    def secret(self) -> Secret | None:
        """Return what the gateway shows a webhook; raises `InputError` when it is not set."""
        if self.secret_env is None:
            return None
        value = os.environ.get(self.secret_env, "")
        if not value:
            raise InputError(f"token_check.secret_env: the variable {self.secret_env} is not set")
        return Secret(value)


class GatewayConfig(BaseModel):
    """Everything the gateway can be told; the default needs no file at all."""

    model_config = _CONFIG

    dialect: Literal["coder", "openai-compatible"] = "coder"
    allow_byok: bool = True
    dump_dir: Path | None = None
    database: str | None = None
    """A PostgreSQL address; without it SQLite in the state directory."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 60
    """For how long interceptions are kept, 0 for ever; Coder's default."""
    structured_logging: bool = False
    """Whether each record is also a line of JSON on stderr, prompts and arguments included."""
    open_metrics: bool = False
    """Whether /metrics needs no token: its labels name users."""
    token_check: TokenCheckConfig | None = None
    listen: ListenConfig = ListenConfig()
    provider: Annotated[tuple[ProviderConfig, ...], Field(min_length=1)] = (
        ProviderConfig(name="openai", type="openai", upstream="scripted"),
    )

    @field_validator("dump_dir")
    @classmethod
    def _beside_the_file(cls, dump_dir: Path | None, info: ValidationInfo) -> Path | None:
        return _from_folder_of_config(dump_dir, info)

    @field_validator("database")
    @classmethod
    def _without_password(cls, address: str | None) -> str | None:
        if address is not None and urlsplit(address).password is not None:
            raise ValueError(
                "a password does not belong in this file; "
                f"use PGPASSWORD, PGPASSFILE or {_DATABASE_VARIABLE}"
            )
        return address

    @model_validator(mode="after")
    def _one_provider_without_names(self) -> Self:
        if self.dialect == "openai-compatible" and len(self.provider) > 1:
            raise ValueError("the dialect openai-compatible serves one provider")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [provider.name for provider in self.provider]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise ValueError(f'provider[{number + 1}].name: "{name}" is already taken')
        return self


def configured(path: Path | None, *, host: str | None, port: int | None) -> GatewayConfig:
    """Return the configuration in the TOML file `path` (None: the default) with other addresses.

    Raises `InputError` with file and key path.
    """
    config = GatewayConfig() if path is None else read_toml(path, GatewayConfig)
    given = {"host": host, "port": port}
    changes = {name: value for name, value in given.items() if value not in (None, "")}
    return config.model_copy(update={"listen": config.listen.model_copy(update=changes)})


def database_address(config: GatewayConfig | None) -> str | None:
    """Return where PostgreSQL is, None for SQLite; the environment wins over the file."""
    given = os.environ.get(_DATABASE_VARIABLE, "")
    return given or (config.database if config is not None else None)


def default_state() -> Path:
    """Return where the gateway keeps its state unless told otherwise."""
    base = os.environ.get("XDG_STATE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return home / "provisioner" / "gateway"
