"""PRV348."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_parameter import terraform_text
from provisioner.validate.coder_preset import PresetValue, preset_values
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_preset_value"]


@rule("PRV348", "refused-preset-value", Severity.ERROR)
def refused_preset_value(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A preset that gives a parameter a value which the parameter does not allow.

    What it does:
        Judges the values in `parameters` of each `coder_workspace_preset` by type, options and
        validation of the parameter.

    Why:
        The template can be pushed, but every workspace of the preset, prebuilt ones first, fails.

    Use instead:
        A value that a user could choose too.
    """
    for value in preset_values(workspace):
        known = workspace.evaluator.value(value.item.value)
        text = terraform_text(known.known)
        if text is not None and value.parameter:
            refusal = value.parameter.refusal(text)
            if refusal:
                yield this.finding(
                    value.item.path,
                    value.item.value.span,
                    f'the value for the parameter "{value.name}" is {refusal}',
                    help=_help(value, text),
                    confidence=known.confidence,
                )


def _help(value: PresetValue, text: str) -> str:
    options = (value.parameter.option_values if value.parameter else None) or ()
    if options:
        return did_you_mean(text, options) or f"the options are {', '.join(options)}"
    return "give it a value that the parameter allows"
