"""PRV307."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_tfvars_variable"]


@rule("PRV307", "undeclared-tfvars-variable", Severity.WARNING)
def undeclared_tfvars_variable(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A variables file that sets a variable the template does not declare.

    What it does:
        Compares the names in `*.tfvars` files with the `variable` blocks of the same folder. A
        folder without `.tf` files, or with one that cannot be read, is left alone.

    Why:
        Terraform says `Value for undeclared variable` and leaves the value out; what it was meant
        to set keeps its default.

    Use instead:
        The name of a declared variable, or a `variable` block.
    """
    if not (workspace.hcl and workspace.is_whole):
        return
    variables = workspace.declared.variables
    for document in workspace.tfvars:
        for name, attribute in document.attributes.items():
            if name not in variables:
                yield this.finding(
                    attribute.path,
                    attribute.name_span,
                    f'the template declares no variable "{name}"',
                    help=did_you_mean(name, variables) or f'declare it: variable "{name}"',
                )
