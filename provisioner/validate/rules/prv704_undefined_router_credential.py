"""PRV704."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["undefined_router_credential"]


@rule("PRV704", "undefined-router-credential", Severity.ERROR, fixes=Fixes.UNSAFE)
def undefined_router_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A model that names a credential which is not there.

    What it does:
        Compares `credential` of each model with the names in `credentials`.

    Why:
        No credential can serve the model, and requests for it fail although the router
        starts.

    Use instead:
        The name of a credential, or none, which is all of them.
    """
    yield from router_findings(this, workspace, ProblemKind.UNDEFINED_CREDENTIAL)
