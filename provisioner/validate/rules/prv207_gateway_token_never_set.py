"""PRV207."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.template_flow import TemplateFlow, template_flows
from provisioner.validate.workspace import Workspace

__all__ = ["gateway_token_never_set"]


@rule("PRV207", "gateway-token-never-set", Severity.ERROR)
def gateway_token_never_set(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A variable for the gateway token that nobody sets.

    What it does:
        Where the Codex config of a template selects a provider at Coder's AI Gateway, reports the
        variable that carries the gateway token (the one that `env_http_headers` names for
        `X-Coder-AI-Governance-Token`, or else `env_key`) when neither a `coder_env`, nor the `env`
        of a resource, nor the Codex module sets it.

    Why:
        Codex leaves a header out whose variable is unset, and the gateway answers 400 or 403.
        Without the variable of `env_key`, Codex stops before the first request.

    Use instead:
        A `coder_env` with that name and `data.coder_workspace_owner.me.session_token` as its value.
    """
    if not workspace.is_whole:
        return
    for flow in template_flows(workspace):
        carrier = flow.token_header or (None if _has_token(flow) else flow.env_key)
        if carrier is None or carrier.has_hole or not isinstance(carrier.value, str):
            continue
        if not flow.given(carrier.value) and not flow.is_set_by_module(carrier.value):
            yield this.finding(
                carrier.file,
                carrier.value_span,
                f"nothing in this template sets {carrier.value}, which holds the gateway token",
                help=f'add a coder_env with name = "{carrier.value}" and value = '
                "data.coder_workspace_owner.me.session_token",
                confidence=Confidence.MEDIUM,
            )


def _has_token(flow: TemplateFlow) -> bool:
    return flow.has_fixed_token_header
