"""PRV708."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_router_name"]


@rule("PRV708", "duplicate-router-name", Severity.ERROR)
def duplicate_router_name(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A name that two entries of Auto AI Router's configuration have.

    What it does:
        Reports credentials of the same name, models that are listed twice for one
        credential, and two rules for one error code.

    Why:
        Limits, bans and routes are kept by name: one of the two entries has no effect, and
        with two rules for a code the router does not start.

    Use instead:
        A name of its own for each.
    """
    yield from router_findings(this, workspace, ProblemKind.DUPLICATE)
