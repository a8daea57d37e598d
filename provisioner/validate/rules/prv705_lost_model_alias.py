"""PRV705."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["lost_model_alias"]


@rule("PRV705", "lost-model-alias", Severity.WARNING, fixes=Fixes.UNSAFE)
def lost_model_alias(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An alias of Auto AI Router that leads to no model.

    What it does:
        Reports aliases of names that are not in `models`, of themselves, and of other
        aliases, in a circle or not. Without any models nothing but the last two is
        reported.

    Why:
        The router looks an alias up once. It ignores one that leads to itself, and requests
        for the others fail.

    Use instead:
        The name of a model.
    """
    yield from router_findings(this, workspace, ProblemKind.ALIAS)
