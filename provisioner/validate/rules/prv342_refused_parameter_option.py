"""PRV342."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.validate.coder_parameter import Parameter, is_of_type, parameters
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_parameter_option"]


@rule("PRV342", "refused-parameter-option", Severity.ERROR)
def refused_parameter_option(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two options of one name or value, or an option of another type than the parameter.

    What it does:
        Compares the `option` blocks of each `coder_parameter` with each other and with its type;
        for a multi-select an option is one item of the list. `dynamic` options are left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Option names must be unique`,
        `Option values must be unique` or `is not of type`.

    Use instead:
        A name and a value of its own for each option.
    """
    for parameter in parameters(workspace):
        for path, span, message, advice in _problems(parameter):
            yield this.finding(path, span, message, help=advice)


def _problems(parameter: Parameter) -> Iterator[tuple[str, Span, str, str]]:
    seen: dict[str, set[str]] = {"name": set(), "value": set()}
    for option in parameter.options:
        for key, known in seen.items():
            attribute, text = option.block.attributes.get(key), parameter.text(option, key)
            if attribute is None or text is None or option.is_dynamic:
                continue
            path, span = attribute.path, attribute.expression.span
            if text in known:
                yield path, span, f'an option before has the {key} "{text}"', f"use another {key}"
            elif key == "value" and not _has_type(parameter, text):
                message = f'"{text}" is not of the type {parameter.option_type}'
                yield path, span, message, "write a value of the parameter's type"
            known.add(text)


def _has_type(parameter: Parameter, text: str) -> bool:
    return parameter.option_type is None or is_of_type(text, parameter.option_type)
