"""PRV353."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_limits import restarted_types
from provisioner.syntax.hcl_model import Block, Traversal
from provisioner.validate.coder_references import reached, target_of
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["compute_never_stopped"]

_TRANSITIONS = frozenset({"start_count", "transition"})


@rule("PRV353", "compute-never-stopped", Severity.WARNING)
def compute_never_stopped(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A container or pod with an agent that stays when the workspace is stopped.

    What it does:
        Looks for Docker containers, and Kubernetes pods and deployments, that run a `coder_agent`
        without `count` and `for_each`, and that use neither `start_count` nor `transition` of
        `coder_workspace`.

    Why:
        Stopping a workspace is a Terraform run with `start_count = 0`. What does not depend on it
        goes on running and costing, and an update of the template replaces it under the user.

    Use instead:
        `count = data.coder_workspace.me.start_count`, with the home folder on a volume that has
        no count.
    """
    for block in workspace.blocks("resource"):
        is_kind = len(block.names) == 2 and block.names[0] in restarted_types()
        if is_kind and not is_override(block.path) and _stays(workspace, block):
            yield this.finding(
                block.path,
                block.header_span,
                f"{block.names[0]}.{block.names[1]} stays when the workspace is stopped",
                help="add count = data.coder_workspace.me.start_count",
            )


def _stays(workspace: Workspace, block: Block) -> bool:
    if block.path in workspace.broken_paths or {"count", "for_each"} & block.attributes.keys():
        return False
    found = list(reached(workspace, block))
    return any(map(_is_agent, found)) and not any(map(_is_transition, found))


def _is_agent(reference: Traversal) -> bool:
    target = target_of(reference)
    return target is not None and target.type_name == "coder_agent"


def _is_transition(reference: Traversal) -> bool:
    target = target_of(reference)
    return (
        target is not None
        and target.type_name == "coder_workspace"
        and (target.attribute is None or target.attribute in _TRANSITIONS)
    )
