"""PRV338."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.cron import SCRIPT_FIELDS, prebuild_problem, script_problem
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unreadable_schedule"]

_PROBLEM = {"script": script_problem, "prebuild": prebuild_problem}
_RIGHT = {
    "script": 'such as "0 30 9 * * 1-5": second, minute, hour, day of month, month, day of week',
    "prebuild": 'such as "* 9-17 * * 1-5": minute, hour, day of month, month, day of week',
}


@rule("PRV338", "unreadable-schedule", Severity.ERROR)
def unreadable_schedule(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A cron expression that the Coder provider refuses, or reads as another time.

    What it does:
        Reads `cron` of a `coder_script` with six fields, the second first, and that of prebuild
        schedules with five, the minute `*`, as the provider's parser does. Five fields for a
        script are a warning: the parser takes the first for the second.

    Why:
        `terraform plan`, and so every workspace build, ends with `not a valid cron expression`;
        or a script meant for every night runs every hour.

    Use instead:
        `0 0 22 * * *` for a script at ten in the evening, `* 9-17 * * 1-5` for prebuilds.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for attribute, _ in item.arguments:
            dialect = item.limits_of(attribute.name).cron
            value = workspace.evaluator.value(attribute.expression)
            if not dialect or not value.text:
                continue
            problem = _PROBLEM[dialect](value.text)
            five = dialect == "script" and _has_five_fields(value.text)
            if not problem and not five:
                continue
            words = "it has five fields, and the first is taken for the second"
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f'"{attribute.name}" of {item.title} is no such schedule: {problem or words}',
                help=f'write "0 {value.text}"' if five else f"write it {_RIGHT[dialect]}",
                confidence=value.confidence,
                severity=None if problem else Severity.WARNING,
            )


def _has_five_fields(text: str) -> bool:
    return not text.startswith(("@", "TZ=", "CRON_TZ=")) and len(text.split()) + 1 == len(
        SCRIPT_FIELDS
    )
