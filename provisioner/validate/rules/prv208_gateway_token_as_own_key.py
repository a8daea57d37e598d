"""PRV208."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.given_variables import GivenVariable
from provisioner.validate.rule import Rule, rule
from provisioner.validate.template_flow import TemplateFlow, is_session_token, template_flows
from provisioner.validate.workspace import Workspace

__all__ = ["gateway_token_as_own_key"]


@rule("PRV208", "gateway-token-as-own-key", Severity.ERROR)
def gateway_token_as_own_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """The gateway token where the user's own key belongs.

    What it does:
        Where the Codex config of a template sends the gateway token in a header of its own
        (`X-Coder-AI-Governance-Token`), reports the workspace owner's session token as the value
        of the variable that `env_key` names, or as `openai_api_key` of the Codex module.

    Why:
        With that header the gateway takes the bearer for the user's own key and passes it on: the
        Coder token leaves the deployment, and the provider answers 401.

    Use instead:
        The user's own key, from a user secret; or no header at all, for the flow in which the
        gateway holds the key.
    """
    for flow in template_flows(workspace):
        if flow.token_header is None and not flow.has_fixed_token_header:
            continue
        for place in _places(flow):
            yield this.finding(
                place.path,
                place.span,
                "the gateway token is sent on to the provider, as if it were the user's own key",
                help="leave it out and let users bring their key, or drop the header "
                "X-Coder-AI-Governance-Token",
            )


def _places(flow: TemplateFlow) -> Iterator[GivenVariable | Attribute]:
    own = flow.env_key.value if flow.env_key else None
    for item in flow.given(own) if isinstance(own, str) else ():
        if is_session_token(item.value, flow.workspace):
            yield item
    key = flow.call.block.attributes.get("openai_api_key")
    if key and is_session_token(key.expression, flow.workspace):
        yield key
