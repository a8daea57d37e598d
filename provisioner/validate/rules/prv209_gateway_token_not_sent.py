"""PRV209."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.template_flow import TemplateFlow, is_session_token, template_flows
from provisioner.validate.workspace import Workspace

__all__ = ["gateway_token_not_sent"]


@rule("PRV209", "gateway-token-not-sent", Severity.ERROR)
def gateway_token_not_sent(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Requests to Coder's AI Gateway that carry no Coder token.

    What it does:
        Where the Codex config of a template selects a provider at Coder's AI Gateway without the
        header `X-Coder-AI-Governance-Token`, reports the bearer when it is not the gateway token:
        `requires_openai_auth = true`, which sends a stored login or key, or an `env_key` whose
        variable the template sets to something else than the workspace owner's session token.

    Why:
        The gateway takes the bearer for a Coder token, does not know it, and answers 403 to every
        request.

    Use instead:
        `env_http_headers = { "X-Coder-AI-Governance-Token" = "CODER_API_TOKEN" }` beside the own
        credential, and a `coder_env` CODER_API_TOKEN with the session token.
    """
    for flow in template_flows(workspace):
        if flow.token_header is None and not flow.has_fixed_token_header:
            yield from _bearer(this, flow)


def _bearer(this: Rule, flow: TemplateFlow) -> Iterator[Finding]:
    advice = (
        'add env_http_headers = { "X-Coder-AI-Governance-Token" = "CODER_API_TOKEN" } and set '
        "that variable to the session token"
    )
    message = "the gateway gets no Coder token: {} is sent as the bearer, and no header has one"
    asks = flow.config.in_provider("requires_openai_auth")
    if flow.env_key is None:
        if asks and asks.value is True:
            what = "a stored login or key"
            yield this.finding(
                asks.file,
                asks.key_span,
                message.format(what),
                help=advice,
                confidence=Confidence.MEDIUM,
            )
        return
    for item in flow.given(str(flow.env_key.value)):
        known = flow.workspace.evaluator.value(item.value).known
        if item.value is None or known is None or is_session_token(item.value, flow.workspace):
            continue
        yield this.finding(
            item.path,
            item.span,
            message.format(f"another value in {item.name}"),
            help="set it to data.coder_workspace_owner.me.session_token, or " + advice,
            confidence=Confidence.MEDIUM,
        )
