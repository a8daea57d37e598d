"""PRV322."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.known import Failed, KnownSet, Unknown, to_number
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_repetition"]

_REPEATED = frozenset({"data", "module", "resource"})


@rule("PRV322", "invalid-repetition", Severity.ERROR)
def invalid_repetition(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A `count` that is no number, or a `for_each` that is neither a map nor a set of strings.

    What it does:
        Evaluates both as far as constants and defaults of variables go.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid count argument` or
        `Invalid for_each argument`. A list is no set.

    Use instead:
        `for_each = toset(["a", "b"])`, or a map.
    """
    for block in workspace.top_blocks:
        if block.type not in _REPEATED:
            continue
        for name, judge in (("count", _count), ("for_each", _for_each)):
            attribute = block.attributes.get(name)
            if attribute is None:
                continue
            value = workspace.evaluator.value(attribute.expression)
            problem = "" if isinstance(value.known, Unknown) else judge(value.known)
            if problem:
                yield this.finding(
                    attribute.path,
                    attribute.expression.span,
                    problem,
                    help="write a number" if name == "count" else "write toset([…]), or a map",
                    confidence=value.confidence,
                )


def _count(value: object) -> str:
    try:
        number = to_number(value)
    except Failed:
        return "count must be a number"
    if number is None:
        return "count must not be null"
    if isinstance(number, float) or (isinstance(number, int) and number < 0):
        return "count must be a whole number that is not negative"
    return ""


def _for_each(value: object) -> str:
    if value is None:
        return "for_each must not be null"
    if isinstance(value, KnownSet):
        is_text = all(isinstance(item, str | Unknown) for item in value)
        return "" if is_text else "the members of a set in for_each must be strings"
    if isinstance(value, dict):
        return ""
    what = "list" if isinstance(value, list) else "single value"
    return f"for_each must be a map or a set, and this is a {what}"
