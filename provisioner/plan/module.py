"""Spec → the call of the Terraform module that installs and configures Codex."""

from __future__ import annotations

import json

from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.module_facts import GatewayProvider, WrittenConfig
from provisioner.knowledge.version import Constraint, Version
from provisioner.plan.ledger import Ledger, origin
from provisioner.plan.model import ModuleCall
from provisioner.spec.models import Spec

__all__ = ["BUNDLED", "module_call", "registry_release"]

BUNDLED = "./modules/codex"
"""Where a rendered template has the module that is copied into it."""

_FOLDERS = ("$HOME/.local/bin",)


def module_call(
    spec: Spec, codex: CodexRelease, written: GatewayProvider | None, ledger: Ledger
) -> ModuleCall:
    """Decide which module it is and what it installs from where.

    `written` is the provider table that the module writes itself.
    """
    given = spec.module
    is_bundled = given.source == "bundled"
    version = "" if is_bundled else spec.target.codex_module
    source = BUNDLED if is_bundled else codex_module().source
    ledger.note("module.source", source, origin(given, "source"), given.source)
    if version:
        why = "version of the registry module"
        ledger.note("module.version", version, origin(spec.target, "codex_module"), why)
    install = given.install or ("npm" if is_bundled else "")
    if install:
        ledger.note("module.install", install, origin(given, "install"), "where Codex comes from")
    release = None if is_bundled else registry_release(spec)
    npm = codex_module().npm_install(release) if release else None
    return ModuleCall(
        source=source,
        version=version,
        codex_version=str(codex.version),
        gateway_switch=written.switch if written else "",
        overrides=_overrides(release, ledger) if release else {},
        own_app=_own_app(release, codex, ledger) if release else "",
        path_folders=npm.folders if npm else _FOLDERS,
        path_script=npm.script if npm else "",
        install=install,
        artifact_url=given.artifact_url or "",
        artifact_sha256=given.artifact_sha256,
        pre_install_script=given.pre_install_script or "",
        post_install_script=given.post_install_script or "",
        sync_after=given.sync_after,
    )


def registry_release(spec: Spec) -> Version:
    """Return the release of the registry's module that the target of `spec` selects.

    Raises `ValueError` where none does, which `load` has refused.
    """
    release = codex_module().release_for(Constraint.parse(spec.target.codex_module))
    if release is None:
        raise ValueError(f"no release of the Codex module satisfies {spec.target.codex_module}")
    return release


def _overrides(release: Version, ledger: Ledger) -> dict[str, str | bool]:
    found = codex_module().overrides(release)
    for item in found:
        ledger.note(f"module.{item.input}", json.dumps(item.value), "knowledge", item.reason)
    return {item.input: item.value for item in found}


def _own_app(release: Version, codex: CodexRelease, ledger: Ledger) -> str:
    """Return the slug of the module's app, and note what else it brings along."""
    config, app = codex_module().config(release), codex_module().own_app(release)
    if config and config.mcp_server:
        why = f"the module adds this MCP server{_complaint(config, codex)}"
        ledger.note("codex.mcp_servers", config.mcp_server, "knowledge", why)
    if app is None:
        return ""
    ledger.note("module.app", app.slug, "knowledge", "there the module starts Codex itself")
    return app.slug


def _complaint(config: WrittenConfig, codex: CodexRelease) -> str:
    """Return what `codex` says of the keys that it does not know."""
    if not (config.unknown_keys and codex.has("strict_config_flag")):
        return ""
    does = "warns of" if codex.has("unknown_key_warning") else "ignores"
    keys = " and ".join(config.unknown_keys)
    return f"; Codex {codex.version} {does} its {keys}, and refuses them with --strict-config"
