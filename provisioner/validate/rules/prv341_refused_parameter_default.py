"""PRV341."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_parameter import Parameter, parameters
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_parameter_default"]


@rule("PRV341", "refused-parameter-default", Severity.ERROR)
def refused_parameter_default(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A default that the parameter itself does not allow.

    What it does:
        Judges `default` of a `coder_parameter` by its type, its options and its validation, as
        the Coder provider does: a list is JSON text, a number with a validation is whole, and
        the items of a multi-select are options. Options that `dynamic` blocks make are not known.

    Why:
        The template cannot be pushed: the import reads the default and ends with
        `must be a valid option` or `Invalid parameter … according to 'validation' block`.

    Use instead:
        A default that a user could choose too, `jsonencode([…])` for a list.
    """
    for parameter in parameters(workspace):
        attribute = parameter.default
        value = parameter.text(parameter.item, "default")
        refusal = parameter.refusal(value) if value is not None else ""
        if attribute and value is not None and refusal:
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f"the default of the parameter is {refusal}",
                help=_help(parameter, value, refusal),
                confidence=workspace.evaluator.value(attribute.expression).confidence,
            )


def _help(parameter: Parameter, value: str, refusal: str) -> str:
    if parameter.type_name == "list(string)" and refusal.startswith("not of"):
        return "write a list as JSON text: jsonencode([…])"
    values = parameter.option_values or ()
    near = did_you_mean(value, values)
    if values:
        return near or f"the options are {', '.join(values)}"
    return "give it a value that the parameter allows"
