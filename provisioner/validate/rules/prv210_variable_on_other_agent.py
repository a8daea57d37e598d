"""PRV210."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression, Traversal
from provisioner.validate.rule import Rule, rule
from provisioner.validate.template_flow import TemplateFlow, template_flows
from provisioner.validate.workspace import Workspace

__all__ = ["variable_on_other_agent"]


@rule("PRV210", "variable-on-other-agent", Severity.ERROR)
def variable_on_other_agent(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential that is given to another agent than Codex's.

    What it does:
        Reports a `coder_env` for a variable that the Codex config reads (`env_key` or
        `env_http_headers` of the selected provider) when its `agent_id` is another agent than that
        of the Codex module, and no `coder_env` gives the variable to that one.

    Why:
        Codex runs on the module's agent, where the variable is not set.

    Use instead:
        The same `agent_id` in both.
    """
    for flow in template_flows(workspace):
        wanted = flow.call.block.value("agent_id")
        agent = _address(wanted)
        if wanted is None or agent is None:
            continue
        for name in _names(flow):
            places = [(item, _address(item.agent)) for item in flow.given(name)]
            if not places or any(address in {agent, None} for _, address in places):
                continue
            for item, address in places:
                yield this.finding(
                    item.path,
                    item.span,
                    f"{item.name} is given to {address}, and Codex runs on {agent}",
                    help=f"write agent_id = {wanted.source.text[wanted.start : wanted.end]}",
                )


def _names(flow: TemplateFlow) -> set[str]:
    carriers = (flow.env_key, flow.token_header)
    return {str(carrier.value) for carrier in carriers if carrier and not carrier.has_hole}


def _address(agent_id: Expression | None) -> str | None:
    """Return the address of the one agent that is meant; None when it may be another."""
    match agent_id:
        case Traversal(root="coder_agent", steps=(str() as name, *_, "id")):
            return f"coder_agent.{name}"
    return None
