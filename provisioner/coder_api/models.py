"""What Coder answers, as far as it is used: JSON → typed data.

Fields and their names are those of Coder's API, read in coder/coder's codersdk. What a newer
deployment adds is ignored, and what is null or missing has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from provisioner.redact import Secret

__all__ = [
    "Agent",
    "AiProvider",
    "App",
    "BuildInfo",
    "Entitlements",
    "Feature",
    "Job",
    "LogLine",
    "NamedValue",
    "Organization",
    "Parameter",
    "ParameterOption",
    "Preset",
    "Resource",
    "Template",
    "TemplateVersion",
    "Upload",
    "User",
    "Variable",
    "Workspace",
    "WorkspaceBuild",
    "read_as",
    "with_small_letters",
    "without_nulls",
]

_Model = TypeVar("_Model")


class BuildInfo(Struct, frozen=True):
    """What a deployment says of itself to anybody."""

    version: str
    dashboard_url: str = ""


class User(Struct, frozen=True):
    """A user, or the few fields of one in an answer about something else."""

    id: str
    username: str = ""


class Organization(Struct, frozen=True):
    """Whom templates belong to."""

    id: str
    name: str
    is_default: bool = False


class Upload(Struct, frozen=True):
    """A file that is there; `hash` is its id."""

    hash: str


class Job(Struct, frozen=True):
    """One run of Terraform by a Coder provisioner."""

    id: str
    status: str
    error: str = ""
    error_code: str = ""
    file_id: str = ""
    queue_position: int = 0
    queue_size: int = 0
    tags: Mapping[str, str] = {}
    """Which provisioners may take it."""

    @property
    def is_active(self) -> bool:
        """Whether its state can still change."""
        return self.status in {"pending", "running", "canceling"}

    @property
    def has_succeeded(self) -> bool:
        """Whether it did all it should."""
        return self.status == "succeeded"


class LogLine(Struct, frozen=True):
    """A line of a job's log; ids grow."""

    id: int
    output: str = ""
    stage: str = ""
    log_level: str = "info"


class Template(Struct, frozen=True):
    """A template; `settings` is what an edit must send back, or Coder resets it."""

    id: str
    name: str
    active_version_id: str
    display_name: str = ""
    description: str = ""
    icon: str = ""
    settings: Mapping[str, Any] = {}


class TemplateVersion(Struct, frozen=True):
    """One pushed state of a template."""

    id: str
    name: str
    job: Job
    message: str = ""
    template_id: str = ""
    created_at: str = ""
    created_by: User = User("")


class Variable(Struct, frozen=True):
    """A variable of a template version; the value of a sensitive one is not told."""

    name: str
    value: str = ""
    required: bool = False
    sensitive: bool = False


class ParameterOption(Struct, frozen=True):
    """One of the values that a parameter can have."""

    name: str
    value: str


class Parameter(Struct, frozen=True):
    """What the creator of a workspace is asked."""

    name: str
    type: str = "string"
    required: bool = False
    mutable: bool = True
    """Whether it can be another one in a later build."""
    ephemeral: bool = False
    """Whether it holds for one build only."""
    default_value: str = ""
    options: tuple[ParameterOption, ...] = ()
    validation_min: int | None = None
    validation_max: int | None = None


class NamedValue(Struct, frozen=True):
    """A parameter or variable and its value."""

    name: str
    value: str


class Preset(Struct, frozen=True):
    """Values that are taken all at once."""

    id: str
    name: str
    parameters: tuple[NamedValue, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """Its values by the name of the parameter."""
        return {item.name: item.value for item in self.parameters}


class App(Struct, frozen=True):
    """Something that a workspace offers to open."""

    slug: str
    health: str = ""


class Agent(Struct, frozen=True):
    """The agent in a workspace; its variables hold secrets."""

    id: str
    name: str
    status: str = ""
    lifecycle_state: str = ""
    environment_variables: Mapping[str, Secret] = {}
    apps: tuple[App, ...] = ()


class Resource(Struct, frozen=True):
    """A resource of a workspace, with the agents that run in it."""

    type: str
    name: str
    agents: tuple[Agent, ...] = ()


class WorkspaceBuild(Struct, frozen=True):
    """One run of Terraform for a workspace."""

    id: str
    build_number: int
    transition: str
    status: str
    job: Job
    template_version_id: str = ""
    template_version_name: str = ""
    resources: tuple[Resource, ...] = ()

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents of all its resources."""
        return tuple(agent for resource in self.resources for agent in resource.agents)


class Workspace(Struct, frozen=True):
    """What a user gets from a template."""

    id: str
    name: str
    latest_build: WorkspaceBuild
    owner_name: str = ""
    template_id: str = ""
    template_name: str = ""
    outdated: bool = False


class Feature(Struct, frozen=True):
    """Whether a licence covers a feature, and whether it is on."""

    entitlement: str = "not_entitled"
    enabled: bool = False


class Entitlements(Struct, frozen=True):
    """What the licence of a deployment covers, by Coder's name of each feature."""

    features: Mapping[str, Feature] = {}


class AiProvider(Struct, frozen=True):
    """An upstream of the deployment's AI gateway."""

    name: str
    type: str = ""
    base_url: str = ""
    enabled: bool = True


def read_as(model: type[_Model], data: object) -> _Model:
    """Return `data`, the parsed JSON of an answer, as `model`; raises `msgspec.ValidationError`."""
    return msgspec.convert(without_nulls(data), model, dec_hook=_as_secret)


def without_nulls(data: object) -> object:
    """Leave out what is null, which Go writes for an empty list and an empty table."""
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [without_nulls(item) for item in data]
    return data


def with_small_letters(data: object) -> object:
    """Write the keys in small letters, as Coder's API description has those that Go capitalises."""
    if isinstance(data, dict):
        return {str(key).lower(): with_small_letters(value) for key, value in data.items()}
    if isinstance(data, list):
        return [with_small_letters(item) for item in data]
    return data


def _as_secret(wanted: type, value: object) -> Secret:
    if wanted is not Secret or not isinstance(value, str):
        raise NotImplementedError(wanted)
    return Secret(value)
