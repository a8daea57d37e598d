"""PRV358."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.syntax.hcl_model import Expression, Traversal
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.coder_references import target_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["foreign_id"]

_ID = {"coder_devcontainer": "subagent_id"}


@rule("PRV358", "foreign-id", Severity.ERROR)
def foreign_id(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An `agent_id`, `app_id` or `resource_id` that is not the id of such a thing.

    What it does:
        Looks at the arguments of the Coder provider that tie one block to another: a fixed text
        is the id of nothing, because ids are made anew for each workspace, and neither the token
        of an agent nor another kind of resource is its id. Variables and outputs of modules are
        left alone.

    Why:
        Coder finds the agent, app or resource by this id. The app, script or variable is then
        dropped without a word, or the push ends with an error.

    Use instead:
        A reference such as `coder_agent.main.id`.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for attribute, _ in item.arguments:
            wanted = item.limits_of(attribute.name).refers_to
            if wanted is None:
                continue
            problem = _problem(workspace, attribute.expression, wanted)
            if problem:
                example = f"{wanted[0]}.main.id" if wanted else "docker_container.workspace[0].id"
                yield this.finding(
                    attribute.path,
                    attribute.expression.span,
                    f'"{attribute.name}" of {item.title} is {problem}',
                    help=f"refer to the id, such as {example}",
                )


def _problem(workspace: Workspace, expression: Expression, wanted: tuple[str, ...]) -> str:
    value = workspace.evaluator.value(expression)
    if isinstance(value.known, str | int | float) and value.confidence is Confidence.HIGH:
        return "a fixed text, which is the id of nothing"
    target = target_of(expression)
    if target is None or not wanted:
        return ""
    if target.attribute is None:
        is_whole = isinstance(expression, Traversal) and target.type_name in wanted
        return f"all of {target.address}, not its id" if is_whole else ""
    if target.kind == "data" or target.type_name not in wanted:
        is_coder = target.type_name.startswith("coder_")
        return f"that of {target.address}, which is no {wanted[0]}" if is_coder else ""
    if target.attribute != _ID.get(target.type_name, "id"):
        return f"the {target.attribute} of {target.address}, not its id"
    return ""
