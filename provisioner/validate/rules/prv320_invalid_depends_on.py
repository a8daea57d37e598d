"""PRV320."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression, ListValue, Text, Traversal
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_depends_on"]

_ADVICE = "name resources, data sources or modules, such as docker_volume.home"


@rule("PRV320", "invalid-depends-on", Severity.ERROR)
def invalid_depends_on(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A `depends_on` that names something other than blocks.

    What it does:
        Looks at each element of `depends_on`: values, function calls and texts are no references.
        A reference in quotes, which Terraform takes with a warning, is reported as a warning.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid expression`.

    Use instead:
        `depends_on = [docker_volume.home]`.
    """
    for top in workspace.top_blocks:
        value = top.value("depends_on")
        if value is None:
            continue
        if not isinstance(value, ListValue):
            message = "depends_on must be a list"
            yield this.finding(value.path, value.span, message, help=_ADVICE)
            continue
        for element in value.elements:
            finding = _judged(this, element)
            if finding:
                yield finding


def _judged(this: Rule, element: Expression) -> Finding | None:
    match element:
        case Traversal() if not element.children or len(element.steps) == len(element.postfixes):
            return None
        case Text(value=str() as name) if "." in name:
            return this.finding(
                element.path,
                element.span,
                f'"{name}" in quotes is a way of Terraform 0.11',
                help=f"write {name} without quotes",
                severity=Severity.WARNING,
            )
    message = "this is no reference to a block"
    return this.finding(element.path, element.span, message, help=_ADVICE)
