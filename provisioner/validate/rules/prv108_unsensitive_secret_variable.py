"""PRV108."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Edit, Finding, Fix, Severity, Span
from provisioner.syntax.hcl_model import Block, Call, ListValue, Text, Traversal
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.secret_values import is_named_like_a_secret
from provisioner.validate.workspace import Workspace

__all__ = ["unsensitive_secret_variable"]

_NO_TEXT = frozenset({"bool", "number"})


@rule("PRV108", "unsensitive-secret-variable", Severity.WARNING, fixes=Fixes.SAFE)
def unsensitive_secret_variable(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A variable for a secret that Terraform may print.

    What it does:
        Reports a `variable` whose name ends in a word for a secret, such as `openai_api_key`, and
        that does not have `sensitive = true`. Numbers, booleans and a choice among known values
        (a `validation` with `contains([…], …)`) are left alone.

    Why:
        Terraform prints the value in plans and errors, and Coder keeps that log with the build, in
        clear, and shows it to the workspace's owner.

    Use instead:
        `sensitive = true` in the variable.
    """
    for block in workspace.blocks("variable"):
        if not block.names or not is_named_like_a_secret(block.names[0]):
            continue
        kind, sensitive = block.value("type"), block.attributes.get("sensitive")
        if (isinstance(kind, Traversal) and kind.root in _NO_TEXT) or _is_choice(block):
            continue
        if sensitive and workspace.evaluator.value(sensitive.expression).known is not False:
            continue
        place = sensitive or block.labels[0]
        yield this.finding(
            place.path,
            place.span,
            f'the variable "{block.names[0]}" holds a secret and is not sensitive',
            help="write sensitive = true",
            confidence=Confidence.MEDIUM,
            fix=_fix(block),
        )


def _is_choice(block: Block) -> bool:
    for inner in block.blocks:
        match inner.value("condition"):
            case Call(name="contains", arguments=(ListValue(elements=elements), _)) if all(
                isinstance(element, Text) and not element.parts for element in elements
            ):
                return True
    return False


def _fix(block: Block) -> Fix | None:
    """Say `true` where it says `false`, or add the line under the header of a block of lines."""
    if sensitive := block.attributes.get("sensitive"):
        return Fix(safe=True, edits=(Edit(sensitive.expression.span, "true"),))
    header, end = block.header_span, block.span.end
    if end.line == header.end.line:
        return None
    line = block.source.line(header.end.line)
    place = Span.of(header.end.line, len(line) + 1, header.end.line, len(line) + 1)
    return Fix(safe=True, edits=(Edit(place, "\n  sensitive = true"),))
