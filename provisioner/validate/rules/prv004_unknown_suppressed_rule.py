"""PRV004."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_suppressed_rule"]


@rule("PRV004", "unknown-suppressed-rule", Severity.WARNING, comes_last=True)
def unknown_suppressed_rule(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A comment that names a rule there is not.

    What it does:
        Reports every name in a `# provisioner: ignore[…]` comment that is neither the code nor the
        name of a rule, and rules that no comment can leave out.

    Why:
        It leaves nothing out, whatever its author believes.

    Use instead:
        A code or name from `provisioner rule`.
    """
    for item in workspace.suppressions.unknown if workspace.suppressions else ():
        yield this.finding(
            item.path,
            item.span,
            f'"{item.name}" is no rule that a comment can leave out',
            help="`provisioner rule` lists them all",
        )
