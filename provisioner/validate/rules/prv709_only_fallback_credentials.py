"""PRV709."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["only_fallback_credentials"]


@rule("PRV709", "only-fallback-credentials", Severity.WARNING)
def only_fallback_credentials(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Credentials of Auto AI Router that are all for the last resort.

    What it does:
        Reports a config.yaml whose credentials all have `is_fallback: true`.

    Why:
        Each request first finds nobody, and the limits and retries of ordinary credentials
        never apply.

    Use instead:
        At least one credential that is asked first.
    """
    yield from router_findings(this, workspace, ProblemKind.ONLY_FALLBACK)
