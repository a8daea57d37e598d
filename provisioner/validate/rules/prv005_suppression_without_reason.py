"""PRV005."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["suppression_without_reason"]


@rule("PRV005", "suppression-without-reason", Severity.NOTE, comes_last=True)
def suppression_without_reason(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A comment that leaves a finding out and does not say why.

    What it does:
        Reports `# provisioner: ignore[…]` comments with nothing behind the bracket.

    Why:
        Whoever reads it next cannot tell whether it still holds.

    Use instead:
        `# provisioner: ignore[PRV101] the value is a public example`.
    """
    for item in workspace.suppressions.ignored if workspace.suppressions else ():
        if item.name and not item.reason:
            yield this.finding(
                item.path,
                item.span,
                f"nothing says why {item.name} is left out",
                help="write the reason behind the bracket",
            )
