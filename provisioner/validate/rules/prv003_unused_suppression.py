"""PRV003."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import TOO_LATE, Suppressions, Workspace

__all__ = ["unused_findings", "unused_suppression"]


@rule("PRV003", "unused-suppression", Severity.WARNING, comes_last=True)
def unused_suppression(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A comment that leaves nothing out.

    What it does:
        Reports every rule in a `# provisioner: ignore[…]` comment that found nothing where the
        comment covers. Rules that did not run, because of `--select` or `--ignore`, are left alone.

    Why:
        What it once hid has been repaired, or stands somewhere else now. The next real finding on
        that line would be hidden by a comment that was written for another.

    Use instead:
        Remove the comment, or move it to the line of the finding.
    """
    if workspace.suppressions:
        yield from unused_findings(this, workspace.suppressions)


def unused_findings(this: Rule, suppressions: Suppressions) -> Iterator[Finding]:
    """Yield a finding for each that met none."""
    for item in suppressions.unused:
        message, advice = f"{item.name} finds nothing there", "remove it from the comment"
        if item.line is None:
            message = f"{item.name} finds nothing in this file"
        elif item.line == TOO_LATE:
            message = f"{item.name} is not left out: the comment does not stand at the top"
            advice = "put it before anything but comments"
        yield this.finding(item.path, item.span, message, help=advice)
