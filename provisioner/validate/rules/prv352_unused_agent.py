"""PRV352."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_limits import compute_types
from provisioner.validate.coder_blocks import CoderBlock, coder_blocks
from provisioner.validate.coder_references import folder_references, target_of
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unused_agent"]

_STARTS = frozenset({None, "init_script", "token"})
_OTHER_WAYS = ("coder_agent_instance", "coder_external_agent")


@rule("PRV352", "unused-agent", Severity.WARNING)
def unused_agent(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An agent that no machine or container of the template starts.

    What it does:
        Looks for a `coder_agent` whose `init_script` and `token` nothing in the folder refers to,
        in a template with compute resources. An agent that authenticates by its instance, or that
        starts outside of the template, is fine.

    Why:
        The workspace builds, and stays at "connecting": nothing in it runs the agent.

    Use instead:
        `coder_agent.main.init_script` as what the machine or container runs, with
        `coder_agent.main.token` in its variable `CODER_AGENT_TOKEN`.
    """
    has_compute = any(
        block.names[:1] and block.names[0] in compute_types()
        for block in workspace.blocks("resource")
    )
    if not (workspace.is_whole and has_compute) or any(coder_blocks(workspace, *_OTHER_WAYS)):
        return
    targets = [target_of(reference) for reference in folder_references(workspace)]
    started = {target.address for target in targets if target and target.attribute in _STARTS}
    for item in coder_blocks(workspace, "coder_agent"):
        if item.address not in started and _needs_token(workspace, item):
            yield this.finding(
                item.block.path,
                item.header_span,
                f"nothing starts the agent {item.block.names[1]}",
                help=f"let the machine or container run {item.address}.init_script",
            )


def _needs_token(workspace: Workspace, item: CoderBlock) -> bool:
    auth = workspace.evaluator.value(item.block.value("auth")).known
    return auth in (None, "token") and not is_override(item.block.path)
