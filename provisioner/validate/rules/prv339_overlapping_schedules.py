"""PRV339."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.cron import overlap, prebuild_problem
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["overlapping_schedules"]


@rule("PRV339", "overlapping-schedules", Severity.ERROR)
def overlapping_schedules(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two schedules of prebuilds for the same hour, or that cannot be compared.

    What it does:
        Compares the `schedule` blocks of a `coder_workspace_preset` as the Coder provider does:
        month, day and hour one by one. With more than one schedule it reads only numbers, ranges
        and lists, no names and no steps.

    Why:
        `terraform plan`, and so every workspace build, ends with `schedules overlap`.

    Use instead:
        Schedules of different hours or days, written in numbers.
    """
    for top in settled_blocks(workspace, "coder_workspace_preset"):
        for item in top.all():
            written = _schedules(workspace, item)
            for index, (attribute, text) in enumerate(written):
                for _, other in written[:index]:
                    verdict = overlap(other, text)
                    if verdict is not False:
                        problem, advice = _problem(verdict, other)
                        span = attribute.expression.span
                        yield this.finding(
                            attribute.path, span, f"the schedule {problem}", help=advice
                        )
                        break


def _schedules(workspace: Workspace, item: CoderBlock) -> list[tuple[Attribute, str]]:
    found = []
    for schedule in item.named("schedule"):
        attribute = schedule.block.attributes.get("cron")
        text = workspace.evaluator.text(attribute.expression) if attribute else None
        if attribute and text and not prebuild_problem(text):
            found.append((attribute, text))
    return found


def _problem(verdict: bool | None, other: str) -> tuple[str, str]:  # noqa: FBT001 - three answers
    if verdict:
        return f'overlaps with "{other}"', "let each hour have one schedule"
    return f'cannot be compared with "{other}"', "write both in numbers, ranges and lists"
