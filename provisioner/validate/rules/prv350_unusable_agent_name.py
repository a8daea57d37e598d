"""PRV350."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_limits import agent_name_pattern
from provisioner.validate.coder_blocks import coder_blocks, instances
from provisioner.validate.coder_references import repeated
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unusable_agent_name"]


@rule("PRV350", "unusable-agent-name", Severity.ERROR)
def unusable_agent_name(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An agent whose name is no host name, or the name of another agent.

    What it does:
        The label of a `coder_agent` is the agent's name. It may have letters, digits and single
        hyphens between them, no underscores, and must differ from that of other agents in more
        than case. The agents of one block with `count` or `for_each` all have the same name.

    Why:
        The template cannot be pushed: `agent name … does not match regex` or
        `duplicate agent name`. The name is part of the address of apps and of SSH.

    Use instead:
        A label such as `main` or `gpu-2`.
    """
    for item in coder_blocks(workspace, "coder_agent"):
        name, label = item.block.names[1], item.block.labels[1]
        may_exist = instances(workspace, item.block) != 0 and not is_override(item.block.path)
        if may_exist and not agent_name_pattern().fullmatch(name):
            yield this.finding(
                item.block.path,
                label.span,
                f'"{name}" cannot be the name of an agent',
                help="use letters, digits and single hyphens between them",
            )
    for item, first in repeated(workspace, "coder_agent", lambda item: item.block.names[1].lower()):
        name, label = item.block.names[1], item.block.labels[1]
        who = "each agent of this block" if item is first else f"the agent {first.block.names[1]}"
        yield this.finding(
            item.block.path,
            label.span,
            f'the agent name "{name}" is also that of {who}',
            help="write one coder_agent with a name of its own for each agent",
        )
