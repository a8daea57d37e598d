"""PRV701."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_router_key"]


@rule("PRV701", "unknown-router-key", Severity.WARNING, fixes=Fixes.UNSAFE)
def unknown_router_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A key that Auto AI Router does not have.

    What it does:
        Compares the keys of the router's config.yaml with those that its releases have: at
        the top, in `server`, `fail2ban`, `monitoring`, `litellm_db` and `redis`, and in
        each credential, model and rule of error codes.

    Why:
        The router goes on without the setting, and says nothing.

    Use instead:
        The name that the router has, or no such line.
    """
    yield from router_findings(this, workspace, ProblemKind.UNKNOWN_KEY)
