"""Flow, gateway kind and credential → the model provider of config.toml, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.flows import flow as flow_named
from provisioner.flows.base import Flow, PersonalCredential
from provisioner.flows.credential import Credential, credential
from provisioner.gateway_kinds import gateway_kind
from provisioner.gateway_kinds.base import GatewayKind
from provisioner.knowledge.codex import CodexRelease, credential_rules
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.module_facts import GatewayProvider
from provisioner.plan.ledger import Ledger
from provisioner.plan.model import EnvSource, EnvVar, ModelProvider
from provisioner.plan.module import registry_release
from provisioner.spec.models import Spec

__all__ = [
    "chosen_credential",
    "environment",
    "login_help",
    "login_variable",
    "model_provider",
    "module_provider",
    "personal_variable",
]

_SETTERS = {
    EnvSource.GATEWAY_TOKEN: "the template, from the owner's session token",
    EnvSource.MODULE: "the Codex module, from the owner's session token",
    EnvSource.USER: "the user",
}


def chosen_credential(spec: Spec, flow: Flow, codex: CodexRelease, ledger: Ledger) -> Credential:
    """Return how the bearer reaches Codex, and note what Codex sends and what it does not."""
    chosen = credential(spec.credential) if spec.credential else flow.credentials[0]
    sent = _sent(codex, chosen.provider, chosen.present)
    not_sent = _sent(codex, "requires_openai_auth", "OPENAI_API_KEY")
    origin = "spec" if spec.credential else "default"
    ledger.note("credential", chosen.name, origin, f"{chosen.summary}: Codex sends {sent}")
    ledger.note(
        "credential.not_enough",
        "an exported OPENAI_API_KEY for a provider with requires_openai_auth",
        "knowledge",
        f"Codex sends {not_sent}",
    )
    return chosen


def _sent(codex: CodexRelease, provider: str, present: str) -> str:
    """Return what this Codex sends, and where that was measured."""
    for rule in credential_rules():
        since = rule.since is None or codex.version >= rule.since
        until = rule.until is None or codex.version < rule.until
        if (rule.provider, rule.present) == (provider, present) and since and until:
            return f"{rule.sent} ({rule.source})"
    raise LookupError(f"nothing was measured for {provider} with {present}")


def module_provider(
    spec: Spec, flow: Flow, kind: GatewayKind, ledger: Ledger
) -> GatewayProvider | None:
    """Return the provider table that the Codex module writes itself, in one flow of one kind."""
    if not kind.is_in_coder or flow.gateway_token_in_header or spec.module.source == "bundled":
        return None
    release = registry_release(spec)
    written = codex_module().gateway_provider(release)
    if written is None:
        raise ValueError(f"nothing is known of release {release} of the Codex module")
    why = "the module writes the provider table"
    ledger.note(f"module.{written.switch}", "true", "knowledge", why)
    return written


def model_provider(
    spec: Spec, chosen: Credential, written: GatewayProvider | None
) -> ModelProvider:
    """Return the provider table; `written` is the one that the module writes."""
    flow, kind = flow_named(spec.flow), gateway_kind(spec.gateway.kind)
    headers: Mapping[str, str] = {}
    if flow.gateway_token_in_header:
        headers = {kind.token_header: kind.token_env}
    bearer = personal_variable(flow, chosen) or _token_variable(spec, chosen, written)
    return ModelProvider(
        id=written.id if written else kind.provider_id,
        name=written.name if written else kind.provider_name,
        base_path=kind.split(spec.gateway.url or kind.default_url, flow.gateway_provider)[1],
        env_key=bearer if chosen.is_named else "",
        env_key_instructions=_instructions(flow, kind, bearer) if chosen.is_named else "",
        requires_openai_auth=not chosen.is_named,
        env_http_headers=headers,
        stream_idle_timeout_ms=spec.gateway.stream_idle_timeout_ms or 0,
    )


def environment(
    spec: Spec, chosen: Credential, written: GatewayProvider | None, ledger: Ledger
) -> tuple[EnvVar, ...]:
    """Return the variables Codex reads secrets from, and who sets each."""
    variables = tuple(_variables(spec, chosen, written))
    for variable in variables:
        why = f"set by {_SETTERS[variable.source]}"
        ledger.note("environment", variable.name, "knowledge", why)
    return variables


def _variables(spec: Spec, chosen: Credential, written: GatewayProvider | None) -> Iterator[EnvVar]:
    flow, kind = flow_named(spec.flow), gateway_kind(spec.gateway.kind)
    if token := _token_variable(spec, chosen, written):
        source = EnvSource.GATEWAY_TOKEN if kind.is_in_coder else EnvSource.USER
        yield EnvVar(token, EnvSource.MODULE if written else source, kind.token_help)
    if personal := personal_variable(flow, chosen):
        yield EnvVar(personal, EnvSource.USER, flow.personal_help.format(variable=personal))


def _token_variable(spec: Spec, chosen: Credential, written: GatewayProvider | None) -> str:
    """Return the variable with the gateway token; empty where Codex has stored the token."""
    flow, kind = flow_named(spec.flow), gateway_kind(spec.gateway.kind)
    if written:
        return written.token_env
    if flow.gateway_token_in_header:
        return kind.token_env
    if chosen.is_stored:
        return ""
    return chosen.variable or spec.gateway.token_env or kind.token_env


def personal_variable(flow: Flow, chosen: Credential) -> str:
    """Return the variable with the user's own credential; empty where there is none."""
    if flow.personal_credential is PersonalCredential.NONE or chosen.is_stored:
        return ""
    return chosen.variable or flow.personal_env


def login_help(flow: Flow, kind: GatewayKind, chosen: Credential) -> str:
    """Return what to do once before the first prompt, where the credential is stored."""
    if not chosen.is_stored:
        return ""
    return flow.login_help or f"Store {kind.token_help} once: `codex login --with-api-key < FILE`."


def login_variable(flow: Flow, kind: GatewayKind, chosen: Credential) -> str:
    """Return the variable with the key that a login stores; empty where it stores none.

    Only a flow with a key of the user's own has one of the model's provider; elsewhere it is the
    gateway's, and any other key would be given away.
    """
    is_key = chosen.is_stored and flow.personal_credential is not PersonalCredential.CHATGPT_LOGIN
    return (flow.personal_env or kind.token_env) if is_key else ""


def _instructions(flow: Flow, kind: GatewayKind, variable: str) -> str:
    """What Codex prints when the variable is missing; a workspace sets Coder's own by itself."""
    if flow.personal_env:
        return flow.personal_help.format(variable=variable)
    return "" if kind.is_in_coder else f"Set it to {kind.token_help}."
