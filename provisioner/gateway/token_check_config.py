"""The table `[token_check]` of the gateway's configuration."""

from __future__ import annotations

import os
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from provisioner.errors import InputError
from provisioner.redact import Secret

__all__ = ["TokenCheckConfig"]


class TokenCheckConfig(BaseModel):
    """Who else knows tokens: a Coder deployment, or a webhook that answers as RFC 7662 says."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

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
