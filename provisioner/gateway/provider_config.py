"""What the configuration says about one provider: its name, its type and where its requests go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
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
from provisioner.redact import Secret

__all__ = ["ProviderConfig", "beside_the_file", "provider_keys", "proxy_login"]

_PROVIDER_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_BASE_URLS = {
    "openai": "https://api.openai.com/v1",
    "chatgpt": "https://chatgpt.com/backend-api/codex",
    "anthropic": "https://api.anthropic.com",
    "openai-chat": "https://api.openai.com/v1",
    "gemini": "https://generativelanguage.googleapis.com",
}
# Of the upstream `openai`, for providers of another type.
_BASE_URLS_OF_TYPES = {
    "copilot": "https://api.individual.githubcopilot.com",
    "google": "https://generativelanguage.googleapis.com/v1beta/openai",
    "openrouter": "https://openrouter.ai/api/v1",
    "vercel": "https://ai-gateway.vercel.sh/v1",
}
# Those whose base URL is each user's own, and what it looks like.
_NEED_A_BASE_URL = {
    "azure": "https://<resource>.openai.azure.com/openai/v1",
    "openai-compat": "https://<host>/v1",
}
_LOCAL = ("scripted", "replay")
# Settings that say something to one kind of upstream only.
_FOR_HTTP = (
    "base_url",
    "key_env",
    "proxy",
    "proxy_env",
    "send_compressed",
    "connect_seconds",
    "idle_seconds",
    "answer_seconds",
)
_FOR_TRANSLATION = ("models", "leave_out", "max_output_tokens")
_TRANSLATED = ("anthropic", "gemini", "openai-chat", "vertex")

Seconds = Annotated[float, Field(gt=0, le=86_400)]


def _provider_name(name: str) -> str:
    if not _PROVIDER_NAME.match(name):
        raise ValueError(
            f'"{name}" must be lower-case letters and digits, in groups joined by single hyphens'
        )
    return name


def _plain_url(url: str) -> str:
    """Refuse what would be lost or told when a path is put behind `url`."""
    if not url:
        return url
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("it must be an http or https URL with a host")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("it must have no user, password, query or fragment")
    return url.rstrip("/")


def beside_the_file(path: Path | None, info: ValidationInfo) -> Path | None:
    """Take a relative path from the folder of the configuration file."""
    folder = info.context
    return folder / path if path is not None and isinstance(folder, Path) else path


class ProviderConfig(BaseModel):
    """One upstream AI service as clients address it: `/<name>/v1/...`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: Annotated[str, AfterValidator(_provider_name)]
    type: Literal[
        "openai",
        "anthropic",
        "azure",
        "bedrock",
        "copilot",
        "google",
        "openai-compat",
        "openrouter",
        "vercel",
    ]
    upstream: Literal[
        "scripted",
        "replay",
        "openai",
        "chatgpt",
        "anthropic",
        "openai-chat",
        "gemini",
        "vertex",
    ]
    enabled: bool = True
    script: Path | None = None
    recording: Path | None = None
    base_url: Annotated[str, AfterValidator(_plain_url)] = ""
    key_env: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    proxy: Annotated[str, AfterValidator(_plain_url)] = ""
    proxy_env: str = ""
    send_compressed: bool = True
    serves: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Globs of the models it has, where the model decides who is asked; empty says nothing."""
    connect_seconds: Seconds = 10
    idle_seconds: Seconds = 300
    answer_seconds: Seconds = 600
    models: dict[str, str] = Field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    max_output_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None

    @field_validator("script", "recording")
    @classmethod
    def _beside_the_file(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return beside_the_file(path, info)

    @model_validator(mode="after")
    def _settings_fit_the_upstream(self) -> Self:
        for name in sorted(self.model_fields_set & set(self._foreign())):
            raise ValueError(f'`{name}` means nothing to the upstream "{self.upstream}"')
        if self.upstream == "replay" and self.recording is None:
            raise ValueError('the upstream "replay" needs `recording`')
        self._check_type()
        if self.upstream == "vertex" and not self.base_url:
            raise ValueError(
                'the upstream "vertex" needs `base_url`, which names the project: '
                "https://<location>-aiplatform.googleapis.com/v1/projects/<project>"
                "/locations/<location>/publishers/google"
            )
        if len(set(self.key_env)) < len(self.key_env):
            raise ValueError("`key_env` names a variable twice")
        if self.proxy_env and not self.proxy:
            raise ValueError("`proxy_env` needs `proxy`")
        return self

    def _check_type(self) -> None:
        if self.type == "openai" or self.upstream in _LOCAL:
            return
        if self.type == "bedrock":
            raise ValueError(
                'the type "bedrock" signs its requests, which this gateway cannot; '
                'its upstream must be "scripted" or "replay"'
            )
        if self.upstream != ("anthropic" if self.type == "anthropic" else "openai"):
            raise ValueError(f'the upstream "{self.upstream}" is for providers of type "openai"')
        if self.type == "copilot" and self.key_env:
            raise ValueError('`key_env` means nothing to the type "copilot": users bring a login')
        if self.type in _NEED_A_BASE_URL and not self.base_url:
            raise ValueError(
                f'the type "{self.type}" needs `base_url`, such as {_NEED_A_BASE_URL[self.type]}'
            )

    def _foreign(self) -> Iterator[str]:
        if self.upstream != "scripted":
            yield "script"
        if self.upstream != "replay":
            yield "recording"
        if self.upstream in _LOCAL:
            yield from _FOR_HTTP
        if self.upstream == "chatgpt":
            # Each user brings a login of their own.
            yield "key_env"
        if not self.is_translated:
            yield from _FOR_TRANSLATION

    @property
    def is_translated(self) -> bool:
        """Whether its clients speak the Responses API and the upstream another one."""
        return self.type == "openai" and self.upstream in _TRANSLATED

    @property
    def url(self) -> str:
        """Where requests go, without a slash at the end; empty for an upstream inside."""
        default = _BASE_URLS.get(self.upstream, "")
        if self.upstream == "openai":
            default = _BASE_URLS_OF_TYPES.get(self.type, default)
        return self.base_url or default

    @property
    def takes_keys(self) -> bool:
        """Whether the gateway may have keys of its own for it."""
        return self.upstream not in (*_LOCAL, "chatgpt") and self.type != "copilot"

    @property
    def needs_a_login(self) -> bool:
        """Whether every user has to bring a credential for the upstream."""
        return self.upstream not in _LOCAL and not self.key_env


def provider_keys(config: ProviderConfig) -> tuple[Secret, ...]:
    """Return the provider's own keys from the environment variables that `key_env` names.

    Raises `InputError` for one that is unset, blank or the same as another.
    """
    keys: list[Secret] = []
    for name in config.key_env:
        key = Secret(os.environ.get(name, "").strip())
        if not key:
            raise InputError(
                f'provider "{config.name}": the environment variable "{name}" is not set; '
                "put the provider key into it or take it out of `key_env`"
            )
        if key in keys:
            raise InputError(f'provider "{config.name}": "{name}" repeats another key')
        keys.append(key)
    return tuple(keys)


def proxy_login(config: ProviderConfig) -> Secret | None:
    """Return `user:password` for the proxy from the variable that `proxy_env` names.

    Raises `InputError` when it holds no such thing.
    """
    if not config.proxy_env:
        return None
    login = os.environ.get(config.proxy_env, "").strip()
    if login.find(":") < 1:
        raise InputError(
            f'provider "{config.name}": the environment variable "{config.proxy_env}" '
            "must hold user:password for the proxy"
        )
    return Secret(login)
