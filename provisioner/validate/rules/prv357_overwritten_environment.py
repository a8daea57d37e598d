"""PRV357."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import ObjectValue
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.coder_references import repeated, target_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["overwritten_environment"]

_LOSES = frozenset({"error", "replace"})


@rule("PRV357", "overwritten-environment", Severity.WARNING)
def overwritten_environment(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two values for one environment variable of an agent, of which one is lost.

    What it does:
        Compares the `coder_env` resources of each agent with each other, and with `env` of the
        `coder_agent`. Those that append or prepend are fine together; with
        `merge_strategy = "error"` a second value is an error.

    Why:
        Which value wins is decided by the order of Terraform's addresses, and `env` of the agent
        always wins over `coder_env`.

    Use instead:
        One value, or `merge_strategy = "append"` for variables such as PATH.
    """

    def variable(item: CoderBlock) -> tuple[str, str] | None:
        agent = target_of(item.block.value("agent_id"))
        name = workspace.evaluator.text(item.block.value("name"))
        return (agent.address, name) if agent and name else None

    def strategy(item: CoderBlock) -> str:
        known = workspace.evaluator.value(item.block.value("merge_strategy")).known
        return "replace" if known is None else str(known)

    of_agents = dict(_of_agents(workspace))
    for item in settled_blocks(workspace, "coder_env"):
        place = variable(item)
        if place in of_agents:
            yield _finding(this, item, f'"env" of {of_agents[place].address}, which wins', None)
    for item, first in repeated(workspace, "coder_env", variable):
        used = {strategy(item), strategy(first)}
        if used & _LOSES:
            who = f"every instance of {item.address}" if item is first else first.address
            yield _finding(this, item, who, Severity.ERROR if "error" in used else None)


def _of_agents(workspace: Workspace) -> Iterator[tuple[tuple[str, str] | None, CoderBlock]]:
    for agent in settled_blocks(workspace, "coder_agent"):
        env = agent.block.value("env")
        for entry in env.items if isinstance(env, ObjectValue) else ():
            name = workspace.evaluator.text(entry.key)
            if name:
                yield (agent.address, name), agent


def _finding(this: Rule, item: CoderBlock, other: str, severity: Severity | None) -> Finding:
    attribute = item.block.attributes["name"]
    return this.finding(
        attribute.path,
        attribute.expression.span,
        f"the variable is also set by {other}",
        help='set it in one place, or use merge_strategy = "append" in both coder_env',
        severity=severity,
    )
