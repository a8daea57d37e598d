"""PRV335."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.argument_value import value_problem
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_argument_value"]


@rule("PRV335", "refused-argument-value", Severity.ERROR)
def refused_argument_value(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A value that the Coder provider or the Codex module does not take.

    What it does:
        Compares the values that are known before Terraform runs with the checks in the Coder
        provider's code: fixed choices, patterns, lengths, ranges, URLs, UUIDs, time zones and
        absolute paths. Schedules have a rule of their own. Inputs of the Codex module are compared
        with the validation of the selected release.

    Why:
        `terraform plan`, and so every workspace build, ends with what the provider or
        module says.

    Use instead:
        A value that it takes.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for attribute, _ in item.arguments:
            value = workspace.evaluator.value(attribute.expression)
            limits = item.limits_of(attribute.name)
            problem = value_problem(value.known, limits)
            # A fixed text for an id is another mistake than its form.
            if problem and limits.refers_to is None:
                yield this.finding(
                    attribute.path,
                    attribute.expression.span,
                    f'"{attribute.name}" of {item.title} {problem.message}',
                    help=problem.help,
                    confidence=value.confidence,
                )
    for call in workspace.codex_modules:
        for given, attribute in call.given_inputs:
            value = workspace.evaluator.value(attribute.expression)
            if given.choices and value.text is not None and value.text not in given.choices:
                known = ", ".join(choice for choice in given.choices if choice)
                yield this.finding(
                    attribute.path,
                    attribute.expression.span,
                    f'"{attribute.name}" is "{value.text}", which the Codex module '
                    f"{call.codex_release} refuses",
                    help=f"it takes one of {known}",
                    confidence=value.confidence,
                )
