"""PRV345."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_parameter import Parameter
from provisioner.validate.coder_references import repeated
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_parameter_name"]


@rule("PRV345", "duplicate-parameter-name", Severity.ERROR)
def duplicate_parameter_name(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two parameters of one name.

    What it does:
        Compares `name` of all `coder_parameter` data sources, those of one with `count` or
        `for_each` among themselves. Where only Terraform knows how many there are, it is left
        alone.

    Why:
        The template cannot be pushed: `coder_parameter names must be unique`.

    Use instead:
        A name of its own for each; what users read is `display_name`.
    """
    evaluator = workspace.evaluator
    for item, first in repeated(
        workspace, "coder_parameter", lambda item: Parameter(item, evaluator).name
    ):
        attribute = item.block.attributes["name"]
        name = Parameter(item, evaluator).name
        who = "every instance of it" if item is first else first.address
        yield this.finding(
            attribute.path,
            attribute.expression.span,
            f'the parameter name "{name}" is also that of {who}',
            help="give every parameter a name of its own",
        )
