"""PRV707."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["literal_router_key"]


@rule("PRV707", "literal-router-key", Severity.WARNING)
def literal_router_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A key that is written into the configuration of Auto AI Router.

    What it does:
        Reports the master key, keys of credentials, and passwords of databases that stand
        in the file themselves.

    Why:
        Whoever sees the file, its history or a copy of it can use the key.

    Use instead:
        The name of an environment variable, as `os.environ/NAME`.
    """
    yield from router_findings(this, workspace, ProblemKind.LITERAL_KEY)
