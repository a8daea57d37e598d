"""Flow and gateway kind → the model provider of config.toml, and the variables it reads."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.flows.base import Flow, PersonalCredential
from provisioner.gateway_kinds.base import GatewayKind
from provisioner.knowledge.codex_module import GatewayProvider, codex_module
from provisioner.knowledge.version import Constraint
from provisioner.plan.ledger import Ledger
from provisioner.plan.model import EnvSource, EnvVar, ModelProvider
from provisioner.spec.models import Spec

__all__ = ["environment", "model_provider", "module_provider"]

_SETTERS = {
    EnvSource.GATEWAY_TOKEN: "the template, from the owner's session token",
    EnvSource.MODULE: "the Codex module, from the owner's session token",
    EnvSource.USER: "the user",
}


def module_provider(
    spec: Spec, flow: Flow, kind: GatewayKind, ledger: Ledger
) -> GatewayProvider | None:
    """Return the provider table that the Codex module writes itself, in one flow of one kind."""
    if not kind.is_in_coder or flow.gateway_token_in_header:
        return None
    module = codex_module()
    release = module.release_for(Constraint.parse(spec.target.codex_module))
    if release is None:
        raise ValueError(f"no release of the Codex module satisfies {spec.target.codex_module}")
    why = "the module writes the provider table"
    ledger.note("module.enable_ai_gateway", "true", "knowledge", why)
    return module.gateway_provider(release)


def model_provider(
    spec: Spec, flow: Flow, kind: GatewayKind, written: GatewayProvider | None
) -> ModelProvider:
    """Return the provider table; `written` is the one that the module writes."""
    headers: Mapping[str, str] = {}
    if flow.gateway_token_in_header:
        headers = {kind.token_header: kind.token_env}
    login = flow.personal_credential is PersonalCredential.CHATGPT_LOGIN
    token_env = written.token_env if written else spec.gateway.token_env or kind.token_env
    return ModelProvider(
        id=written.id if written else kind.provider_id,
        name=written.name if written else kind.provider_name,
        base_path=kind.path_for(flow.gateway_provider),
        env_key="" if login else flow.personal_env or token_env,
        env_key_instructions=_instructions(flow, kind),
        requires_openai_auth=login,
        env_http_headers=headers,
        stream_idle_timeout_ms=spec.gateway.stream_idle_timeout_ms or 0,
    )


def environment(
    spec: Spec,
    flow: Flow,
    kind: GatewayKind,
    written: GatewayProvider | None,
    *,
    ledger: Ledger,
) -> tuple[EnvVar, ...]:
    """Return the variables Codex reads secrets from, and who sets each."""
    if written is not None:
        token = EnvVar(written.token_env, EnvSource.MODULE, kind.token_help)
    elif kind.is_in_coder:
        token = EnvVar(kind.token_env, EnvSource.GATEWAY_TOKEN, kind.token_help)
    else:
        name = spec.gateway.token_env or kind.token_env
        token = EnvVar(name, EnvSource.USER, kind.token_help)
    variables = [token]
    if flow.personal_env:
        variables.append(EnvVar(flow.personal_env, EnvSource.USER, flow.personal_help))
    for variable in variables:
        why = f"set by {_SETTERS[variable.source]}"
        ledger.note("environment", variable.name, "knowledge", why)
    return tuple(variables)


def _instructions(flow: Flow, kind: GatewayKind) -> str:
    """What Codex prints when the variable is missing; a workspace sets Coder's own by itself."""
    if flow.personal_env:
        return flow.personal_help
    return "" if kind.is_in_coder else f"Set it to {kind.token_help}."
