"""The spec: which AI client, which gateway, which flow, which template, for which versions.

Every field has a description; `provisioner schema spec` and `docs/spec.md` are made from them.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from provisioner.knowledge.version import Constraint, Version
from provisioner.settings import settings_schema

__all__ = [
    "CodexSpec",
    "GatewaySpec",
    "ParameterSpec",
    "ProfileSpec",
    "Spec",
    "TargetSpec",
    "TemplateSpec",
]

_URL = re.compile(r"https?://[^\s/?#\"\\@]+(?:/[^\s?#\"\\]*)?\Z")
_RELEASE_PARTS = 3
_PROFILE_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORKDIR = re.compile(r"/[^\x00-\x1f\x7f\"'\\$`]*\Z")


def _url(text: str) -> str:
    if not _URL.match(text):
        raise ValueError(
            "must be an http or https URL without user or query, such as https://coder.example.com"
        )
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        raise ValueError("has no host, or a port that is none")
    if {".", ".."} & {*parts.path.split("/")}:
        raise ValueError('must not have "." or ".." in its path')
    shorter = text.rstrip("/")
    for ending in ("/responses", "/chat/completions"):
        if shorter.endswith(ending):
            raise ValueError(f'must be the base URL: leave "{ending}" out, which Codex adds')
    return shorter


def _version(text: str) -> str:
    return str(Version.parse(text))


def _codex_version(text: str) -> str:
    version = Version.parse(text)
    if len(version.parts) != _RELEASE_PARTS:
        raise ValueError(f'"{text}" is not a Codex version, which has three parts')
    return str(version)


def _constraint(text: str) -> str:
    Constraint.parse(text)
    return " ".join(text.split())


def _workdir(text: str) -> str:
    # The Codex module pastes it into shell and into a TOML key, so these characters cannot pass.
    if not _WORKDIR.match(text):
        raise ValueError(
            "must be an absolute path without quotes, `$`, backslashes or control characters"
        )
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise ValueError("must not contain `..`")
    # The module drops a final slash, and Codex compares trusted folders letter by letter.
    return "/" + "/".join(parts)


def _option(text: str) -> str:
    # Terraform puts the chosen value between the quotes of a TOML string.
    if set(text) & set('"\\'):
        raise ValueError("must not contain quotes or backslashes")
    return text


def _profile_name(text: str) -> str:
    if not _PROFILE_NAME.match(text):
        raise ValueError("a profile name has letters, digits, hyphens and underscores only")
    return text


def _env_name(text: str) -> str:
    if not _ENV_NAME.match(text):
        raise ValueError("must be the name of an environment variable")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text that is not blank")
    return text


_Url = Annotated[str, AfterValidator(_url)]
_Version = Annotated[str, AfterValidator(_version)]
_CodexVersion = Annotated[str, AfterValidator(_codex_version)]
_Constraint = Annotated[str, AfterValidator(_constraint)]
_Workdir = Annotated[str, AfterValidator(_workdir)]
_ProfileName = Annotated[str, AfterValidator(_profile_name)]
_EnvName = Annotated[str, AfterValidator(_env_name)]
_Tokens = Annotated[int, Field(gt=0)]
_Milliseconds = Annotated[int, Field(gt=0)]
_WebSearch = Literal["disabled", "cached", "live"]
_Credential = Literal["env_key", "api_key_login", "codex_api_key", "chatgpt_login"]
_Line = Annotated[str, AfterValidator(_one_line)]
_Option = Annotated[_Line, AfterValidator(_option)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class GatewaySpec(_Model):
    """The AI gateway between Codex and the models."""

    kind: Literal["coder", "langwatch", "auto-ai-router", "openai-compatible"] = Field(
        default="coder", description="what Codex talks to"
    )
    url: _Url | None = Field(
        default=None,
        description="URL of the deployment, such as `https://coder.example.com`; a template takes "
        "a Coder URL from the workspace, `codex config` needs it here or as `--gateway-url`; "
        "for `openai-compatible` it is the base URL, such as `https://llm.example.com/v1`",
    )
    token_env: _EnvName | None = Field(
        default=None,
        description="environment variable with the gateway token, where the kind leaves it open",
    )
    stream_idle_timeout_ms: _Milliseconds | None = Field(
        default=None, description="how long Codex waits for the next event of an answer"
    )


class TemplateSpec(_Model):
    """The Coder workspace template to render."""

    name: _Line = Field(
        default="docker", description="template source; `docker` is the one there is"
    )
    display_name: _Line | None = Field(default=None, description="name that Coder shows")
    description: _Line | None = Field(default=None, description="one sentence that Coder shows")


class CodexSpec(_Model):
    """Settings for Codex, under the names Codex gives them."""

    model: _Line | None = Field(
        default=None, description="model; without it Codex uses its own default"
    )
    model_reasoning_effort: _Line | None = Field(
        default=None, description="reasoning effort, such as `low`, `medium`, `high` or `xhigh`"
    )
    model_context_window: _Tokens | None = Field(
        default=None, description="context window of the model, for models Codex does not know"
    )
    service_tier: _Line | None = Field(
        default=None, description="service tier, such as `fast` or `flex`"
    )
    web_search: _WebSearch | None = Field(
        default=None, description="web search tool; `disabled` for models that do not have it"
    )
    workdir: _Workdir = Field(
        default="/home/coder",
        description="folder that is created, trusted and opened in the workspace; outside of one "
        "it is trusted too, if it is named here",
    )


class ProfileSpec(_Model):
    """Settings that `codex -p NAME` lays over the others, such as one set for each backend."""

    model: _Line | None = Field(default=None, description="model")
    model_reasoning_effort: _Line | None = Field(default=None, description="reasoning effort")
    model_context_window: _Tokens | None = Field(
        default=None, description="context window; Codex before 0.134 ignores it in a profile"
    )
    service_tier: _Line | None = Field(default=None, description="service tier")
    web_search: _WebSearch | None = Field(default=None, description="web search tool")


class ParameterSpec(_Model):
    """What the user of a workspace may choose; each list becomes a Coder parameter."""

    model: tuple[_Option, ...] = Field(
        default=(),
        strict=False,
        description="models on offer; the default is `codex.model` or the first",
    )
    model_reasoning_effort: tuple[_Option, ...] = Field(
        default=(), strict=False, description="efforts on offer; the default is set in the same way"
    )


class TargetSpec(_Model):
    """The versions the result is for; `provisioner plan` shows what follows from them."""

    codex: _CodexVersion | None = Field(
        default=None, description="Codex version, such as `0.169.0`"
    )
    codex_module: _Constraint = Field(
        default="~> 5.0", description="version constraint on the Codex module of the Coder registry"
    )
    coder: _Version | None = Field(
        default=None, description="version of the deployment, such as `2.32`"
    )


class Spec(_Model):
    """One `provisioner.toml`."""

    flow: Literal["centralized", "byok", "chatgpt"] = Field(
        description="how a credential reaches the model: `centralized` (the gateway holds "
        "the key), `byok` (the user's own OpenAI key), `chatgpt` (the user's ChatGPT login)"
    )
    credential: _Credential | None = Field(
        default=None,
        description="how the bearer reaches Codex: `env_key` (a variable that the provider "
        "names), `api_key_login` (stored by `codex login --with-api-key`), `codex_api_key` (the "
        "variable CODEX_API_KEY, for `codex exec` only), `chatgpt_login`; without it "
        "`chatgpt_login` in the flow `chatgpt` and `env_key` elsewhere",
    )
    gateway: GatewaySpec = Field(default=GatewaySpec(), description="the AI gateway")
    template: TemplateSpec = Field(default=TemplateSpec(), description="the template to render")
    codex: CodexSpec = Field(default=CodexSpec(), description="settings for Codex")
    parameters: ParameterSpec = Field(
        default=ParameterSpec(), description="what the user may choose"
    )
    profiles: dict[_ProfileName, ProfileSpec] = Field(
        default={}, description="settings by profile name, for `codex -p NAME`"
    )
    target: TargetSpec = Field(default=TargetSpec(), description="versions the result is for")
    # Under its own name it would hide a method of pydantic's.
    validation: Annotated[dict[str, Any], WithJsonSchema(settings_schema())] = Field(
        default={}, alias="validate", description="settings for `provisioner validate`"
    )
