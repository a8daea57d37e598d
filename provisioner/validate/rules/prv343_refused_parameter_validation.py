"""PRV343."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.coder_blocks import CoderBlock
from provisioner.validate.coder_parameter import Parameter, parameters
from provisioner.validate.go_regex import go_regex
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_parameter_validation"]

_FOR_TYPE = {"min": "number", "max": "number", "monotonic": "number", "regex": "string"}
_MONOTONIC = ("increasing", "decreasing")


@rule("PRV343", "refused-parameter-validation", Severity.ERROR)
def refused_parameter_validation(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A validation that does not go with the type of the parameter, or that nothing passes.

    What it does:
        Looks in the `validation` block of each `coder_parameter` for bounds of something that is
        no number, a regex of something that is no string, a regex without `error`, one that Go
        does not compile, a `monotonic` that is neither increasing nor decreasing, and a `min`
        above `max`. A block without any check is a warning.

    Why:
        The Coder provider refuses every value, the default first, so the template cannot be
        pushed.

    Use instead:
        The check of the parameter's type, with an `error` beside a regex.
    """
    for parameter in parameters(workspace):
        validation = parameter.validation
        if validation is None:
            continue
        for attribute, message, advice in _problems(parameter, validation):
            span = attribute.expression.span
            yield this.finding(attribute.path, span, message, help=advice)
        if not any(name in validation.block.attributes for name in _FOR_TYPE):
            yield this.finding(
                validation.block.path,
                validation.header_span,
                "the validation checks nothing",
                help='give it "min", "max", "monotonic" or "regex", or remove it',
                severity=Severity.WARNING,
            )


_Problem = tuple[Attribute, str, str]


def _problems(parameter: Parameter, validation: CoderBlock) -> Iterator[_Problem]:
    for name, type_name in _FOR_TYPE.items():
        attribute = validation.block.attributes.get(name)
        text = parameter.text(validation, name)
        if attribute is None or text is None:
            continue
        if parameter.type_name not in {type_name, None}:
            message = f'"{name}" does not check a parameter of type {parameter.type_name}'
            yield attribute, message, f"remove it, or make the parameter a {type_name}"
        elif name == "regex":
            yield from _regex_problems(validation, attribute, text)
        elif name == "monotonic" and text not in _MONOTONIC:
            yield attribute, f'"{text}" is no direction', f"use {' or '.join(_MONOTONIC)}"
    least, most = parameter.bounds(validation)
    if least is not None and most is not None and least > most:
        yield validation.block.attributes["min"], '"min" is above "max"', "swap them"


def _regex_problems(validation: CoderBlock, attribute: Attribute, text: str) -> Iterator[_Problem]:
    problem = go_regex(text).problem
    if problem:
        yield attribute, f"Go does not compile the regex: {problem}", "write it for Go's RE2"
    if text and not validation.has("error"):
        yield attribute, "the regex has no error message", 'add "error" to the validation'
