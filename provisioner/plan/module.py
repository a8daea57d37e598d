"""Spec → the call of the Terraform module that installs and configures Codex."""

from __future__ import annotations

from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_module import codex_module
from provisioner.plan.ledger import Ledger, origin
from provisioner.plan.model import ModuleCall
from provisioner.spec.models import Spec

__all__ = ["BUNDLED", "module_call"]

BUNDLED = "./modules/codex"
"""Where a rendered template has the module that is copied into it."""


def module_call(
    spec: Spec, codex: CodexRelease, ledger: Ledger, *, writes_provider: bool
) -> ModuleCall:
    """Decide which module it is and what it installs from where."""
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
    return ModuleCall(
        source=source,
        version=version,
        codex_version=str(codex.version),
        writes_provider=writes_provider,
        install=install,
        artifact_url=given.artifact_url or "",
        artifact_sha256=given.artifact_sha256,
        pre_install_script=given.pre_install_script or "",
        post_install_script=given.post_install_script or "",
        sync_after=given.sync_after,
    )
