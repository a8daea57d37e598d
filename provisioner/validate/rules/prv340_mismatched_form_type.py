"""PRV340."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_limits import form_types
from provisioner.validate.coder_parameter import parameters
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["mismatched_form_type"]


@rule("PRV340", "mismatched-form-type", Severity.ERROR)
def mismatched_form_type(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A form type that does not go with the type of the parameter, or with its options.

    What it does:
        Compares `form_type` of a `coder_parameter` with its `type` and with whether it has
        options, by the table in the Coder provider's code.

    Why:
        `terraform plan`, and so every workspace build, ends with
        `Invalid form_type for parameter`.

    Use instead:
        A form type of the table, or none: the provider then takes the first that fits.
    """
    for parameter in parameters(workspace):
        attribute = parameter.item.block.attributes.get("form_type")
        chosen, type_name = parameter.form_type, parameter.type_name
        if attribute is None or not chosen or not type_name or parameter.has_options is None:
            continue
        allowed = form_types(type_name, has_options=parameter.has_options)
        if chosen not in allowed and chosen in parameter.item.limits_of("form_type").one_of:
            options = "with" if parameter.has_options else "without"
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f'"{chosen}" is no form for a parameter of type {type_name} {options} options',
                help=f"use {' or '.join(allowed)}, or remove it",
            )
