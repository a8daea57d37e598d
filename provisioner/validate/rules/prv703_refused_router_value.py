"""PRV703."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_router_value"]


@rule("PRV703", "refused-router-value", Severity.ERROR, fixes=Fixes.UNSAFE)
def refused_router_value(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A value that Auto AI Router cannot read.

    What it does:
        Reports values of another type than the key has, numbers out of range, durations
        without a unit, limits that are neither positive nor -1, types of credentials that
        there are not, and base URLs that are none. What comes from `os.environ/...` is not
        judged.

    Why:
        The router checks the file when it starts, and exits with the first of these
        messages.

    Use instead:
        A value of the type that the message names.
    """
    yield from router_findings(this, workspace, ProblemKind.WRONG_VALUE)
