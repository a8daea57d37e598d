"""The tables of a spec about the template around Codex."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from provisioner.spec.table import Table
from provisioner.spec.values import ArtifactUrl, Digest, Line, Name, Option, Script

__all__ = ["ModuleSpec", "ParameterSpec", "PresetSpec", "TemplateSpec"]


class TemplateSpec(Table):
    """The Coder workspace template to render."""

    name: Line = Field(
        default="docker",
        description="template source; `provisioner init --help` lists those that come along",
    )
    folder: Line | None = Field(
        default=None,
        description="folder with a template of your own, relative to the spec, in place of `name`: "
        "docs/templates.md",
    )
    display_name: Line | None = Field(default=None, description="name that Coder shows")
    description: Line | None = Field(default=None, description="one sentence that Coder shows")
    agents: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="agents that get Codex, by the names of their resources; the default is all "
        "those that the template source names",
    )
    launcher: bool = Field(
        default=True, description="whether the workspace has an app that opens Codex"
    )
    ai_task: bool = Field(
        default=False, description="whether a Coder task can start Codex with its prompt"
    )
    require_secret: bool = Field(
        default=False,
        description="whether a workspace starts only when its user has stored the credential they "
        "bring as a Coder user secret; needs the Coder provider 2.16",
    )


class ModuleSpec(Table):
    """The Terraform module that installs and configures Codex."""

    source: Literal["registry", "bundled"] = Field(
        default="registry",
        description="`registry` is the Codex module of the Coder registry; `bundled` is our own, "
        "which is copied into the template and needs no registry",
    )
    install: Literal["npm", "release", "image"] | None = Field(
        default=None,
        description="where Codex comes from: `image` has it already; for the bundled module, `npm` "
        "(its default) or `release`, an archive with a checksum",
    )
    artifact_url: ArtifactUrl | None = Field(
        default=None,
        description="mirror: an npm registry for `npm`; for `release` the address of the archive, "
        "with `{version}` and `{target}` in it",
    )
    artifact_sha256: dict[Line, Digest] = Field(
        default={},
        description="SHA-256 of the archive by target, such as `x86_64-unknown-linux-musl`",
    )
    pre_install_script: Script | None = Field(
        default=None, description="bash to run in the workspace before Codex is installed"
    )
    post_install_script: Script | None = Field(
        default=None, description="bash to run in the workspace after Codex is configured"
    )
    sync_after: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="units of `coder exp sync` that the bundled module waits for",
    )


class ParameterSpec(Table):
    """What the user of a workspace may choose; each list becomes a Coder parameter."""

    model: tuple[Option, ...] = Field(
        default=(),
        strict=False,
        description="models on offer; the default is `codex.model` or the first",
    )
    model_reasoning_effort: tuple[Option, ...] = Field(
        default=(), strict=False, description="efforts on offer; the default is set in the same way"
    )


class PresetSpec(Table):
    """Values that a user takes all at once."""

    description: Line | None = Field(default=None, description="one sentence that Coder shows")
    default: bool = Field(default=False, description="whether it is chosen at first")
    model: Option | None = Field(default=None, description="one of `parameters.model`")
    model_reasoning_effort: Option | None = Field(
        default=None, description="one of `parameters.model_reasoning_effort`"
    )
    parameters: dict[Name, Line] = Field(
        default={}, description="values of the template's own parameters, by name"
    )
