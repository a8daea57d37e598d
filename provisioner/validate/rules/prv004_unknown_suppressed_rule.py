"""PRV004."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_suppressed_rule"]


@rule("PRV004", "unknown-suppressed-rule", Severity.WARNING, comes_last=True)
def unknown_suppressed_rule(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A comment that names a rule there is not.

    What it does:
        Reports every name in a `# provisioner: ignore[…]` comment that is neither the code nor the
        name of a rule, rules that no comment can leave out, and a comment that names none.

    Why:
        It leaves nothing out, whatever its author believes.

    Use instead:
        A code or name from `provisioner rule`.
    """
    suppressions = workspace.suppressions
    if suppressions is None:
        return
    for item in suppressions.unknown:
        message = f'"{item.name}" is no rule that a comment can leave out'
        advice = _advice(item.name, suppressions.names)
        if not item.name:
            message = "a comment that names no rule leaves nothing out"
            advice = "name it in brackets: # provisioner: ignore[PRV101] the reason"
        yield this.finding(item.path, item.span, message, help=advice)


def _advice(name: str, known: tuple[str, ...]) -> str:
    right_case = name.upper() if name.upper() in known else name.lower()
    if right_case in known:
        return f'write "{right_case}"'
    return did_you_mean(name, known) or "`provisioner rule` lists them all"
