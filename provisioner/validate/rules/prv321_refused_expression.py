"""PRV321."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import (
    Access,
    Attribute,
    Block,
    Call,
    Expression,
    ListValue,
    ObjectValue,
    Operation,
    Text,
    Traversal,
    is_plain,
    names_in,
)
from provisioner.validate.evaluate import Evaluator
from provisioner.validate.named_files import Fault
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_expression"]

_LEFT_ALONE = {("variable", "type"), ("variable", "default"), ("lifecycle", "ignore_changes")}
_NO_VALUES = frozenset({"depends_on", "provider", "providers", "source", "version"})
_CONDITIONS = frozenset({"assert", "postcondition", "precondition"})
_LOGICAL = frozenset({"!", "&&", "||"})
_SKIPPED_BLOCKS = frozenset({"import", "moved", "removed", "terraform"})


@rule("PRV321", "refused-expression", Severity.ERROR)
def refused_expression(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An expression of constants that Terraform cannot evaluate.

    What it does:
        Evaluates expressions as far as constants go: operands that are no numbers, indices out of
        range, attributes that an object does not have, keys that are no text, null in a string,
        what functions do not take, files that are not there, and templates that want more than
        they are given; and conditions of checks that name nothing. Whatever depends on a variable
        or on a resource is left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid operand`,
        `Invalid index`, `Invalid function argument`, `Error in function call`,
        `Unsupported attribute` or `Invalid template interpolation value`.

    Use instead:
        Values of the type that is wanted; `try(…)` where one may be missing.
    """
    for top in workspace.top_blocks:
        if top.type in _SKIPPED_BLOCKS or top.path in workspace.broken_paths:
            continue
        for block in top.descend():
            for attribute in block.attributes.values():
                if _is_idle(block, attribute):
                    yield this.finding(
                        attribute.path,
                        attribute.expression.span,
                        f'the condition of block "{block.type}" looks at nothing',
                        help="let it name what it is about; Terraform refuses a constant",
                    )
                if is_plain(attribute.expression):
                    continue
                refused = _refused(workspace.evaluator, attribute.expression)
                if refused and _is_value(block, attribute):
                    fault = _fault(workspace.evaluator, refused)
                    yield this.finding(
                        refused.path,
                        fault.argument.span,
                        f'Terraform refuses what "{attribute.name}" is made of: {fault.message}',
                        help=fault.help,
                    )


def _is_idle(block: Block, attribute: Attribute) -> bool:
    return (
        block.type in _CONDITIONS
        and attribute.name == "condition"
        and not any(True for _ in names_in(attribute.expression))
    )


def _fault(evaluator: Evaluator, refused: Expression) -> Fault:
    about_file = evaluator.file_fault(refused) if isinstance(refused, Call) else None
    advice = "use values of the type that is wanted, or try(…)"
    return about_file or Fault(refused, _why(refused), advice)


def _why(refused: Expression) -> str:
    match refused:
        case Operation(operator=sign):
            return f"{sign} takes {'true and false' if sign in _LOGICAL else 'numbers'}"
        case Call(name=name):
            return f"{name}() does not take these values"
        case Text():
            return "null or a collection cannot stand in a text"
        case Traversal() | Access():
            return "there is no such index or attribute"
    return "a key, a branch or a value does not fit"


def _refused(evaluator: Evaluator, expression: Expression) -> Expression | None:
    """Return the smallest part that is refused."""
    if not evaluator.is_refused(expression):
        return _unusable_key(expression)
    while part := next(filter(evaluator.is_refused, expression.children), None):
        expression = part
    return _unusable_key(expression) or expression


def _unusable_key(expression: Expression) -> Expression | None:
    """Return the first key of an object that can be no text, whatever the values are."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ObjectValue):
            for item in part.items:
                if isinstance(item.key, ListValue | ObjectValue):
                    return item.key
        waiting += reversed(part.children)
    return None


def _is_value(block: Block, attribute: Attribute) -> bool:
    return (block.type, attribute.name) not in _LEFT_ALONE and attribute.name not in _NO_VALUES
