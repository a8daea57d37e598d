"""The spec: which AI client, which gateway, which flow, which template, for which versions.

Every field has a description; `provisioner schema spec` and `docs/spec.md` are made from them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from provisioner.settings import settings_schema
from provisioner.spec.mcp_table import McpSpec
from provisioner.spec.table import Table
from provisioner.spec.template_tables import ModuleSpec, ParameterSpec, PresetSpec, TemplateSpec
from provisioner.spec.values import (
    CodexVersion,
    ConstraintText,
    CredentialName,
    EnvName,
    Line,
    Milliseconds,
    Name,
    Tokens,
    Url,
    VersionText,
    WebSearch,
    Workdir,
)

__all__ = [
    "CodexSpec",
    "GatewaySpec",
    "ProfileSpec",
    "Spec",
    "TargetSpec",
]


class GatewaySpec(Table):
    """The AI gateway between Codex and the models."""

    kind: Literal["coder", "langwatch", "auto-ai-router", "openai-compatible"] = Field(
        default="coder", description="what Codex talks to"
    )
    url: Url | None = Field(
        default=None,
        description="URL of the deployment, such as `https://coder.example.com`; a template takes "
        "a Coder URL from the workspace, `codex config` needs it here or as `--gateway-url`; "
        "for `openai-compatible` it is the base URL, such as `https://llm.example.com/v1`",
    )
    token_env: EnvName | None = Field(
        default=None,
        description="environment variable with the gateway token, where the kind leaves it open",
    )
    stream_idle_timeout_ms: Milliseconds | None = Field(
        default=None, description="how long Codex waits for the next event of an answer"
    )


class CodexSpec(Table):
    """Settings for Codex, under the names Codex gives them."""

    model: Line | None = Field(
        default=None, description="model; without it Codex uses its own default"
    )
    model_reasoning_effort: Line | None = Field(
        default=None, description="reasoning effort, such as `low`, `medium`, `high` or `xhigh`"
    )
    model_context_window: Tokens | None = Field(
        default=None, description="context window of the model, for models Codex does not know"
    )
    service_tier: Line | None = Field(
        default=None, description="service tier, such as `fast` or `flex`"
    )
    web_search: WebSearch | None = Field(
        default=None, description="web search tool; `disabled` for models that do not have it"
    )
    workdir: Workdir = Field(
        default="/home/coder",
        description="folder that is created, trusted and opened in the workspace; outside of one "
        "it is trusted too, if it is named here",
    )


class ProfileSpec(Table):
    """Settings that `codex -p NAME` lays over the others, such as one set for each backend."""

    model: Line | None = Field(default=None, description="model")
    model_reasoning_effort: Line | None = Field(default=None, description="reasoning effort")
    model_context_window: Tokens | None = Field(
        default=None, description="context window; Codex before 0.134 ignores it in a profile"
    )
    service_tier: Line | None = Field(default=None, description="service tier")
    web_search: WebSearch | None = Field(default=None, description="web search tool")


class TargetSpec(Table):
    """The versions the result is for; `provisioner plan` shows what follows from them."""

    codex: CodexVersion | None = Field(default=None, description="Codex version, such as `0.169.0`")
    codex_module: ConstraintText = Field(
        default="~> 5.0", description="version constraint on the Codex module of the Coder registry"
    )
    coder: VersionText | None = Field(
        default=None, description="version of the deployment, such as `2.32`"
    )


class Spec(Table):
    """One `provisioner.toml`."""

    flow: Literal["centralized", "byok", "chatgpt"] = Field(
        description="how a credential reaches the model: `centralized` (the gateway holds "
        "the key), `byok` (the user's own OpenAI key), `chatgpt` (the user's ChatGPT login)"
    )
    credential: CredentialName | None = Field(
        default=None,
        description="how the bearer reaches Codex: `env_key` (a variable that the provider "
        "names), `api_key_login` (stored by `codex login --with-api-key`), `codex_api_key` (the "
        "variable CODEX_API_KEY, for `codex exec` only), `chatgpt_login`; without it "
        "`chatgpt_login` in the flow `chatgpt` and `env_key` elsewhere",
    )
    gateway: GatewaySpec = Field(default=GatewaySpec(), description="the AI gateway")
    template: TemplateSpec = Field(default=TemplateSpec(), description="the template to render")
    module: ModuleSpec = Field(
        default=ModuleSpec(), description="the module that installs and configures Codex"
    )
    codex: CodexSpec = Field(default=CodexSpec(), description="settings for Codex")
    parameters: ParameterSpec = Field(
        default=ParameterSpec(), description="what the user may choose"
    )
    profiles: dict[Name, ProfileSpec] = Field(
        default={}, description="settings by profile name, for `codex -p NAME`"
    )
    presets: dict[Name, PresetSpec] = Field(
        default={}, description="values that a user takes all at once, by name"
    )
    mcp: dict[Name, McpSpec] = Field(default={}, description="MCP servers of Codex, by name")
    target: TargetSpec = Field(default=TargetSpec(), description="versions the result is for")
    # Under its own name it would hide a method of pydantic's.
    validation: Annotated[dict[str, Any], WithJsonSchema(settings_schema())] = Field(
        default={}, alias="validate", description="settings for `provisioner validate`"
    )
