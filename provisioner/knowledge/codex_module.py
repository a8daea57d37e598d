"""The Codex module of the Coder registry: what each release takes and what it writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.module_facts import (
    ClearedCredential,
    Fact,
    GatewayProvider,
    InstallLimit,
    ModuleInput,
    NpmInstall,
    Override,
    OwnApp,
    RemovedInput,
    VersionForm,
    WrittenConfig,
)
from provisioner.knowledge.version import Constraint, Version, newest

__all__ = ["CodexModule", "codex_module", "is_codex_module"]

_SOURCE = re.compile(r"registry\.coder\.com/(?:modules/)?coder-labs/codex/coder\Z")
_VERSIONS = frozenset({"since", "until", "codex_below"})
_Fact = TypeVar("_Fact", bound=Fact)


class CodexModule(Struct, frozen=True):
    """Everything known about the module, over all releases.

    What is asked of a release gives None, or nothing, where it does not have it or where it is not
    known: nothing is known of the inputs of releases before `known_since`.
    """

    source: str
    releases: tuple[Version, ...]
    known_since: Version
    all_inputs: tuple[ModuleInput, ...]
    gateway_providers: tuple[GatewayProvider, ...]
    install_limits: tuple[InstallLimit, ...]
    removed: tuple[RemovedInput, ...]
    configs: tuple[WrittenConfig, ...]
    version_forms: tuple[VersionForm, ...]
    cleared_credentials: tuple[ClearedCredential, ...]
    own_apps: tuple[OwnApp, ...]
    npm_installs: tuple[NpmInstall, ...]
    all_overrides: tuple[Override, ...]

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
        """Inputs of `release` by name."""
        if release < self.known_since:
            return None
        return {item.name: item for item in self.all_inputs if item.holds_for(release)}

    def instead_of(self, name: str, release: Version) -> str:
        """Return what took the place of an input that `release` has no more."""
        found = _newest(self.removed, release, name=name)
        return found.use if found else ""

    def config(self, release: Version) -> WrittenConfig | None:
        """Return how `release` writes config.toml."""
        return _newest(self.configs, release)

    def version_form(self, release: Version) -> VersionForm | None:
        """Return what `codex_version` may be."""
        return _newest(self.version_forms, release)

    def gateway_provider(self, release: Version) -> GatewayProvider | None:
        """Return the provider table that `release` appends."""
        return _newest(self.gateway_providers, release)

    def cleared_credential(self, release: Version) -> ClearedCredential | None:
        """Return what `release` takes away from its users."""
        return _newest(self.cleared_credentials, release)

    def own_app(self, release: Version) -> OwnApp | None:
        """Return the app in which `release` starts Codex itself."""
        return _newest(self.own_apps, release)

    def npm_install(self, release: Version) -> NpmInstall | None:
        """Return where to find Codex, where `release` installs it with npm."""
        return _newest(self.npm_installs, release)

    def overrides(self, release: Version) -> tuple[Override, ...]:
        """Return the inputs of `release` that must not keep their default."""
        return tuple(item for item in self.all_overrides if item.holds_for(release))

    def install_limit(self, release: Version, codex: Version) -> InstallLimit | None:
        """Return the reason why `release` cannot install that Codex version, if there is one."""
        for limit in self.install_limits:
            if limit.holds_for(release) and codex >= limit.codex_below:
                return limit
        return None


def is_codex_module(source: str) -> bool:
    """Say whether a module source is the registry's Codex module, in either spelling."""
    return _SOURCE.match(source) is not None


@cache
def codex_module() -> CodexModule:
    """Read the knowledge once."""
    data = toml_data("codex_module.toml")

    def facts(kind: type[_Fact], name: str) -> tuple[_Fact, ...]:
        rows = ({"since": data["known_since"], **row} for row in data[name])
        return tuple(kind(**_values(kind.__struct_fields__, row)) for row in rows)

    return CodexModule(
        source=data["source"],
        releases=tuple(Version.parse(text) for text in data["releases"]),
        known_since=Version.parse(data["known_since"]),
        all_inputs=facts(ModuleInput, "input"),
        gateway_providers=facts(GatewayProvider, "gateway_provider"),
        install_limits=facts(InstallLimit, "install_limit"),
        removed=facts(RemovedInput, "removed"),
        configs=facts(WrittenConfig, "config"),
        version_forms=facts(VersionForm, "version_form"),
        cleared_credentials=facts(ClearedCredential, "cleared_credential"),
        own_apps=facts(OwnApp, "own_app"),
        npm_installs=facts(NpmInstall, "npm_install"),
        all_overrides=facts(Override, "override"),
    )


def _values(fields: Iterable[str], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, row[name]) for name in fields if name in row}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of TOML
    if name in _VERSIONS:
        return Version.parse(value)
    if name == "pattern":
        return re.compile(value, re.ASCII)
    return tuple(value) if isinstance(value, list) else value


def _newest(facts: Iterable[_Fact], release: Version, **wanted: str) -> _Fact | None:
    """Return the fact about `release` that began last, among those with the values `wanted`."""
    found = [
        fact
        for fact in facts
        if fact.holds_for(release)
        and all(getattr(fact, name) == value for name, value in wanted.items())
    ]
    return max(found, key=lambda fact: fact.since, default=None)
