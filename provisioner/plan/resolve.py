"""Spec → Plan: the only place where defaults are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.flows import flow as flow_named
from provisioner.flows.base import Flow, PersonalCredential
from provisioner.gateway_kinds import gateway_kind
from provisioner.gateway_kinds.base import GatewayKind
from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.knowledge.codex_module import GatewayProvider, codex_module
from provisioner.knowledge.version import Constraint, Version
from provisioner.plan.model import (
    CodexConfig,
    Decision,
    EnvSource,
    EnvVar,
    ModelProvider,
    ModuleCall,
    Parameter,
    Plan,
    Setting,
    TemplatePlan,
)
from provisioner.spec.models import Spec

__all__ = ["resolve"]

_PARAMETERS = {
    "model": ("Codex model", "Model that Codex uses unless told otherwise."),
    "model_reasoning_effort": ("Reasoning effort", "How long Codex thinks before it answers."),
}


@dataclass(slots=True)
class _Ledger:
    """Collects decisions while they are made."""

    decisions: list[Decision] = field(default_factory=list)

    def note(self, what: str, value: str, origin: str, why: str) -> str:
        self.decisions.append(Decision(what, value, origin, why))
        return value


def resolve(spec: Spec) -> Plan:
    """Decide everything that `spec` leaves open; the spec must have been read by `load`."""
    ledger = _Ledger()
    flow = flow_named(spec.flow)
    kind = gateway_kind(spec.gateway.kind)
    ledger.note("flow", flow.name, "spec", flow.summary)
    codex_version = _codex_version(spec, ledger)
    module_provider = _module_provider(spec, flow, ledger)
    provider = _provider(flow, kind, module_provider)
    ledger.note(
        "codex.model_providers",
        provider.id,
        "knowledge",
        "the Codex module's own table"
        if module_provider
        else f"the id of {kind.title} in its docs",
    )
    ledger.note(
        "gateway.base_url",
        f"URL of the deployment + {provider.base_path}",
        "knowledge",
        f'the gateway provider "{flow.gateway_provider}" serves this flow',
    )
    return Plan(
        flow=flow,
        gateway_kind=kind,
        gateway_url=spec.gateway.url or "",
        template=_template(spec, flow, ledger),
        module=ModuleCall(
            source=codex_module().source,
            version=ledger.note(
                "module.version",
                spec.target.codex_module,
                _origin(spec, "codex_module"),
                "version of the registry module",
            ),
            codex_version=codex_version,
            writes_provider=module_provider is not None,
        ),
        codex=CodexConfig(_settings(spec, provider.id, ledger), spec.codex.workdir, provider),
        env=_env(flow, kind, module_provider, ledger),
        codex_version=codex_version,
        decisions=tuple(ledger.decisions),
    )


def _origin(spec: Spec, target: str) -> str:
    return "spec" if target in spec.target.model_fields_set else "default"


def _codex_version(spec: Spec, ledger: _Ledger) -> str:
    if spec.target.codex is None:
        return ledger.note(
            "target.codex", str(newest_codex()), "default", "the newest one measured"
        )
    release = CodexRelease(Version.parse(spec.target.codex))
    why = "" if release.is_measured else f"not measured yet: treated as {newest_codex()}"
    return ledger.note("target.codex", spec.target.codex, "spec", why)


def _module_provider(spec: Spec, flow: Flow, ledger: _Ledger) -> GatewayProvider | None:
    """Provider table that the Codex module itself writes: in the centralized flow only."""
    if flow.personal_credential is not PersonalCredential.NONE:
        return None
    module = codex_module()
    release = module.release_for(Constraint.parse(spec.target.codex_module))
    if release is None:
        raise ValueError(f"no release of the Codex module satisfies {spec.target.codex_module}")
    ledger.note(
        "module.enable_ai_gateway", "true", "knowledge", "the module writes the provider table"
    )
    return module.gateway_provider(release)


def _provider(flow: Flow, kind: GatewayKind, module: GatewayProvider | None) -> ModelProvider:
    headers: Mapping[str, str] = {}
    if flow.gateway_token_in_header:
        headers = {kind.token_header: kind.token_env}
    token_env = module.token_env if module else kind.token_env
    return ModelProvider(
        id=module.id if module else kind.provider_id,
        name=module.name if module else kind.provider_name,
        base_path=kind.path_for(flow.gateway_provider),
        env_key=""
        if flow.personal_credential is PersonalCredential.CHATGPT_LOGIN
        else flow.personal_env or token_env,
        env_key_instructions=flow.personal_help if flow.personal_env else "",
        requires_openai_auth=flow.personal_credential is PersonalCredential.CHATGPT_LOGIN,
        env_http_headers=headers,
    )


def _env(
    flow: Flow, kind: GatewayKind, module: GatewayProvider | None, ledger: _Ledger
) -> tuple[EnvVar, ...]:
    if module is not None:
        token = EnvVar(module.token_env, EnvSource.MODULE, kind.token_help)
    else:
        token = EnvVar(kind.token_env, EnvSource.GATEWAY_TOKEN, kind.token_help)
    variables = [token]
    if flow.personal_env:
        variables.append(EnvVar(flow.personal_env, EnvSource.USER, flow.personal_help))
    for variable in variables:
        ledger.note(
            "environment", variable.name, "knowledge", f"set by the {variable.source.value}"
        )
    return tuple(variables)


def _settings(spec: Spec, provider_id: str, ledger: _Ledger) -> tuple[Setting, ...]:
    settings = [Setting("model_provider", provider_id, None)]
    for key, (display_name, description) in _PARAMETERS.items():
        fixed: str | None = getattr(spec.codex, key)
        options: tuple[str, ...] = getattr(spec.parameters, key)
        if not fixed and not options:
            ledger.note(f"codex.{key}", "not set", "default", "left to Codex and its model")
            continue
        value = fixed or options[0]
        parameter = None
        if options:
            parameter = Parameter(f"codex_{key}", display_name, description, value, options)
        why = f"the user chooses among {', '.join(options)}" if options else "fixed"
        ledger.note(f"codex.{key}", value, "spec", why)
        settings.append(Setting(key, value, parameter))
    return tuple(settings)


def _template(spec: Spec, flow: Flow, ledger: _Ledger) -> TemplatePlan:
    name = spec.template.name
    origin = "spec" if "name" in spec.template.model_fields_set else "default"
    ledger.note("template.name", name, origin, "template source that is rendered")
    title = name.replace("-", " ").capitalize()
    return TemplatePlan(
        name=name,
        display_name=spec.template.display_name or f"{title} with Codex ({flow.title})",
        description=spec.template.description
        or f"{title} workspaces with the Codex CLI behind your AI gateway ({flow.title})",
    )
