"""Spec → Plan: with its neighbours `provider` and `settings`, the only place of defaults."""

from __future__ import annotations

from provisioner.flows import flow as flow_named
from provisioner.gateway_kinds import gateway_kind
from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.knowledge.version import Version
from provisioner.plan.ledger import Ledger, origin
from provisioner.plan.mcp import mcp_servers
from provisioner.plan.model import CodexConfig, Plan
from provisioner.plan.module import module_call
from provisioner.plan.provider import (
    chosen_credential,
    environment,
    login_help,
    login_variable,
    model_provider,
    module_provider,
    personal_variable,
)
from provisioner.plan.settings import profiles, settings
from provisioner.plan.template import template_plan
from provisioner.spec.models import Spec

__all__ = ["resolve"]


def resolve(spec: Spec) -> Plan:
    """Decide everything that `spec` leaves open; the spec must have been read by `load`."""
    ledger = Ledger()
    flow = flow_named(spec.flow)
    kind = gateway_kind(spec.gateway.kind)
    ledger.note("flow", flow.name, "spec", flow.summary)
    ledger.note("gateway.kind", kind.name, origin(spec.gateway, "kind"), kind.title)
    codex = _codex(spec, ledger)
    credential = chosen_credential(spec, flow, codex, ledger)
    written = module_provider(spec, flow, kind, ledger)
    env = environment(spec, credential, written, ledger)
    provider = model_provider(spec, credential, written)
    why = "the Codex module's own table" if written else f"our id for {kind.title}"
    ledger.note("codex.model_providers", provider.id, "knowledge", why)
    url, _ = kind.split(spec.gateway.url or kind.default_url, flow.gateway_provider)
    url_from = origin(spec.gateway, "url") if url else "knowledge"
    where = (url or "URL of the workspace's deployment, ") + provider.base_path
    ledger.note("gateway.base_url", where, url_from, f"where {kind.title} serves this flow")
    return Plan(
        flow=flow,
        credential=credential,
        gateway_kind=kind,
        gateway_url=url,
        template=template_plan(spec, flow, ledger),
        module=module_call(spec, codex, written, ledger),
        codex=CodexConfig(
            settings=settings(spec, provider.id, ledger),
            trusted_workdir=spec.codex.workdir,
            workdir_is_chosen="workdir" in spec.codex.model_fields_set,
            provider=provider,
            profiles=profiles(spec, codex, ledger),
            profiles_are_files=codex.has("profile_files"),
            mcp_servers=mcp_servers(spec, ledger),
        ),
        env=env,
        personal_env=personal_variable(flow, credential),
        login=login_help(flow, kind, credential),
        login_variable=login_variable(flow, kind, credential),
        codex_version=str(codex.version),
        decisions=tuple(ledger.decisions),
    )


def _codex(spec: Spec, ledger: Ledger) -> CodexRelease:
    if spec.target.codex is None:
        ledger.note("target.codex", str(newest_codex()), "default", "the newest one measured")
        return CodexRelease(newest_codex())
    release = CodexRelease(Version.parse(spec.target.codex))
    why = "" if release.is_measured else f"not measured yet: treated as {newest_codex()}"
    ledger.note("target.codex", spec.target.codex, "spec", why)
    return release
