"""The resolved plan: frozen data that `render`, `codex config`, `launch` and `prove` carry out."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.flows.base import Flow
from provisioner.flows.credential import Credential
from provisioner.gateway_kinds.base import GatewayKind

__all__ = [
    "CodexConfig",
    "Decision",
    "EnvSource",
    "EnvVar",
    "McpServer",
    "ModelProvider",
    "ModuleCall",
    "Parameter",
    "Plan",
    "Preset",
    "Profile",
    "Setting",
    "TemplatePlan",
]


class EnvSource(enum.Enum):
    """Who puts a value into an environment variable."""

    GATEWAY_TOKEN = "gateway-token"  # noqa: S105 - a kind, not a token
    """The template, from the owner's session token; outside a workspace, the user."""
    MODULE = "module"
    """The Codex module, from the owner's session token."""
    USER = "user"
    """The user, with a credential of their own."""


@dataclass(frozen=True, slots=True)
class EnvVar:
    """An environment variable that Codex reads a secret from."""

    name: str
    source: EnvSource
    help: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A choice of the workspace's user; `options` are the only values it can take."""

    name: str
    display_name: str
    description: str
    default: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A root key of config.toml: a fixed value, or the value a parameter has."""

    key: str
    value: str | int
    parameter: Parameter | None


@dataclass(frozen=True, slots=True)
class ModelProvider:
    """A table under `model_providers`; the base URL is the deployment's URL and `base_path`."""

    id: str
    name: str
    base_path: str
    env_key: str
    env_key_instructions: str
    requires_openai_auth: bool
    env_http_headers: Mapping[str, str]
    stream_idle_timeout_ms: int
    """0 leaves Codex its default."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings that `codex -p NAME` lays over the others."""

    name: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class McpServer:
    """A table under `mcp_servers`: keys and values as Codex names them."""

    name: str
    keys: Mapping[str, str | int | bool | tuple[str, ...] | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class CodexConfig:
    """What Codex is told, wherever it runs."""

    settings: tuple[Setting, ...]
    trusted_workdir: str
    """Folder that is trusted in a workspace."""
    workdir_is_chosen: bool
    """Whether the spec names it: outside a workspace, no other folder is trusted."""
    provider: ModelProvider
    profiles: tuple[Profile, ...]
    profiles_are_files: bool
    """Whether the target reads profiles from NAME.config.toml instead of `[profiles.NAME]`."""
    mcp_servers: tuple[McpServer, ...]


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """The call of the Codex module in the template."""

    source: str
    version: str
    """Version constraint; empty for the bundled module, which has none."""
    codex_version: str
    gateway_switch: str
    """Input that makes the module add the provider table and its variable; empty to leave it."""
    overrides: Mapping[str, str | bool]
    """Inputs of the registry's module whose default gets in the way."""
    own_app: str
    """Slug of an app in which the module starts Codex itself; empty where it has none."""
    path_folders: tuple[str, ...]
    """Where a shell finds Codex, besides its own PATH."""
    path_script: str
    """Script that a shell reads first, if it is there; empty for none."""
    install: str
    """`npm`, `release` or `image`; empty leaves it to the registry's module."""
    artifact_url: str
    """Empty for the usual place."""
    artifact_sha256: Mapping[str, str]
    pre_install_script: str
    post_install_script: str
    sync_after: tuple[str, ...]

    @property
    def is_bundled(self) -> bool:
        """Whether the module is copied into the template."""
        return not self.version

    @property
    def writes_provider(self) -> bool:
        """Whether the module adds the provider table and its variable."""
        return bool(self.gateway_switch)


@dataclass(frozen=True, slots=True)
class Preset:
    """Values of parameters that a user takes all at once."""

    name: str
    description: str
    is_default: bool
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TemplatePlan:
    """The template to render, the words Coder shows for it, and what it has around Codex."""

    name: str
    folder: str
    """Folder of a template of the user's own; empty for one that comes along."""
    display_name: str
    description: str
    agents: tuple[str, ...]
    """Resources that get Codex; empty for all that the template source names."""
    has_launcher: bool
    has_ai_task: bool
    requires_secret: bool
    presets: tuple[Preset, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that was decided, and where it came from: `spec`, `knowledge` or `default`."""

    what: str
    value: str
    origin: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided."""

    flow: Flow
    credential: Credential
    """How the bearer reaches Codex."""
    gateway_kind: GatewayKind
    gateway_url: str
    """URL of the deployment; empty when only a workspace knows it."""
    template: TemplatePlan
    module: ModuleCall
    codex: CodexConfig
    env: tuple[EnvVar, ...]
    personal_env: str
    """The one of `env` that holds a credential of the user's own; empty when none does."""
    login: str
    """What to do once before the first prompt; empty when there is nothing to log in to."""
    login_variable: str
    """Variable that a key to store is taken from; empty when no key is stored."""
    codex_version: str
    decisions: tuple[Decision, ...]
