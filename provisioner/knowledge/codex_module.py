"""The Codex module of the Coder registry: what each release takes and what it writes."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Constraint, Version, newest

__all__ = [
    "CodexModule",
    "GatewayProvider",
    "InstallLimit",
    "ModuleInput",
    "VersionForm",
    "WrittenConfig",
    "codex_module",
    "is_codex_module",
]

_SOURCE = re.compile(r"registry\.coder\.com/(?:modules/)?coder-labs/codex/coder\Z")


class ModuleInput(Struct, frozen=True):
    """One input variable of the module."""

    name: str
    type: str
    required: bool
    sensitive: bool
    since: Version
    nullable: bool
    """Whether null is taken; Terraform ends with an error where it is not."""
    choices: tuple[str, ...]
    """The only values, none where the module does not check."""


class GatewayProvider(Struct, frozen=True):
    """The Codex provider table that `enable_ai_gateway` appends."""

    since: Version
    id: str
    name: str
    token_env: str


class InstallLimit(Struct, frozen=True):
    """Releases from `since` to before `until` cannot install Codex `codex_below` or newer."""

    since: Version
    until: Version
    codex_below: Version
    source: str


class VersionForm(Struct, frozen=True):
    """What `codex_version` may be from `since` on; no `pattern` where npm reads it."""

    since: Version
    words: tuple[str, ...]
    pattern: re.Pattern[str] | None

    def takes(self, version: str) -> bool:
        """Say whether the installer accepts `version`."""
        if self.pattern is None:
            return True
        return version in self.words or self.pattern.fullmatch(version) is not None


class WrittenConfig(Struct, frozen=True):
    """How the install script puts config.toml together; the texts are lines of TOML."""

    default: str
    default_for_gateway: str
    default_for_effort: str
    default_for_workdir: str
    searches_header_since: Version
    markers_since: Version
    markers: tuple[str, ...]


class CodexModule(Struct, frozen=True):
    """Everything known about the module, over all releases."""

    source: str
    releases: tuple[Version, ...]
    inputs_since: Version
    all_inputs: tuple[ModuleInput, ...]
    gateway_providers: tuple[GatewayProvider, ...]
    install_limits: tuple[InstallLimit, ...]
    removed: dict[str, str]
    config: WrittenConfig
    version_forms: tuple[VersionForm, ...]

    def version_form(self, release: Version) -> VersionForm | None:
        """Return what `codex_version` may be in `release`, None where it is not known."""
        known = [form for form in self.version_forms if form.since <= release]
        return max(known, key=lambda form: form.since) if known else None

    def release_for(self, constraint: Constraint | None) -> Version | None:
        """Release that `terraform init` selects, as far as releases are known.

        A constraint that asks for a release newer than all of them gives the newest known one,
        which is what later ones are taken to be like; one that nothing satisfies gives None.
        """
        latest = max(self.releases)
        if constraint is None:
            return latest
        wanted = constraint.least
        if wanted is not None and wanted > latest:
            return latest
        return newest(self.releases, constraint)

    def inputs(self, release: Version) -> dict[str, ModuleInput] | None:
        """Inputs of `release` by name, or None where they are not known."""
        if release < self.inputs_since:
            return None
        return {item.name: item for item in self.all_inputs if item.since <= release}

    def gateway_provider(self, release: Version) -> GatewayProvider | None:
        """Provider table that `release` appends, or None for releases that name it otherwise."""
        known = [item for item in self.gateway_providers if item.since <= release]
        return max(known, key=lambda item: item.since) if known else None

    def install_limit(self, release: Version, codex: Version) -> InstallLimit | None:
        """Return the reason why `release` cannot install that Codex version, if there is one."""
        for limit in self.install_limits:
            if limit.since <= release < limit.until and codex >= limit.codex_below:
                return limit
        return None


def is_codex_module(source: str) -> bool:
    """Say whether a module source is the registry's Codex module, in either spelling."""
    return _SOURCE.match(source) is not None


@cache
def codex_module() -> CodexModule:
    """Read the knowledge once."""
    data = toml_data("codex_module.toml")
    inputs_since = Version.parse(data["inputs_since"])
    return CodexModule(
        source=data["source"],
        releases=tuple(Version.parse(text) for text in data["releases"]),
        inputs_since=inputs_since,
        all_inputs=tuple(
            ModuleInput(
                name=row["name"],
                type=row["type"],
                required=row.get("required", False),
                sensitive=row.get("sensitive", False),
                since=Version.parse(row["since"]) if "since" in row else inputs_since,
                nullable=row.get("nullable", False),
                choices=tuple(row.get("choices", ())),
            )
            for row in data["input"]
        ),
        gateway_providers=tuple(
            GatewayProvider(
                since=Version.parse(row["since"]),
                id=row["id"],
                name=row["name"],
                token_env=row["token_env"],
            )
            for row in data["gateway_provider"]
        ),
        install_limits=tuple(
            InstallLimit(
                since=Version.parse(row["since"]),
                until=Version.parse(row["until"]),
                codex_below=Version.parse(row["codex_below"]),
                source=row["source"],
            )
            for row in data["install_limit"]
        ),
        removed=dict(data["removed"]),
        config=_written(data["config"]),
        version_forms=tuple(
            VersionForm(
                since=Version.parse(row["since"]),
                words=tuple(row.get("words", ())),
                pattern=re.compile(row["pattern"], re.ASCII) if "pattern" in row else None,
            )
            for row in data["version_form"]
        ),
    )


def _written(row: dict[str, Any]) -> WrittenConfig:
    return WrittenConfig(
        default=row["default"],
        default_for_gateway=row["default_for_gateway"],
        default_for_effort=row["default_for_effort"],
        default_for_workdir=row["default_for_workdir"],
        searches_header_since=Version.parse(row["searches_header_since"]),
        markers_since=Version.parse(row["markers_since"]),
        markers=tuple(row["markers"]),
    )
