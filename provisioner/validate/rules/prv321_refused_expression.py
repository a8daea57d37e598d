"""PRV321."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute, Block, Expression
from provisioner.validate.evaluate import Evaluator
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_expression"]

_LEFT_ALONE = {("variable", "type"), ("variable", "default"), ("lifecycle", "ignore_changes")}
_NO_VALUES = frozenset({"depends_on", "provider", "providers", "source", "version"})
_SKIPPED_BLOCKS = frozenset({"import", "moved", "removed", "terraform"})


@rule("PRV321", "refused-expression", Severity.ERROR)
def refused_expression(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An expression of constants that Terraform cannot evaluate.

    What it does:
        Evaluates expressions as far as constants go: operands that are no numbers, indices out of
        range, attributes that an object does not have, and null in a string. Whatever depends on a
        variable or on a resource is left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid operand`,
        `Invalid index`, `Unsupported attribute` or `Invalid template interpolation value`.

    Use instead:
        Values of the type that is wanted; `try(…)` where one may be missing.
    """
    for top in workspace.top_blocks:
        if top.type in _SKIPPED_BLOCKS or top.path in workspace.broken_paths:
            continue
        for block in top.descend():
            for attribute in block.attributes.values():
                refused = _refused(workspace.evaluator, attribute.expression)
                if refused and _is_value(block, attribute):
                    yield this.finding(
                        refused.path,
                        refused.span,
                        f'the value of "{attribute.name}" cannot be worked out',
                        help="see which operand, index or attribute does not fit",
                    )


def _refused(evaluator: Evaluator, expression: Expression) -> Expression | None:
    """Return the smallest part that is refused."""
    if not evaluator.is_refused(expression):
        return None
    while part := next(filter(evaluator.is_refused, expression.children), None):
        expression = part
    return expression


def _is_value(block: Block, attribute: Attribute) -> bool:
    return (block.type, attribute.name) not in _LEFT_ALONE and attribute.name not in _NO_VALUES
