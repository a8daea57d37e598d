"""PRV702."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["missing_router_setting"]


@rule("PRV702", "missing-router-setting", Severity.ERROR)
def missing_router_setting(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A setting without which Auto AI Router does not start.

    What it does:
        Reports a config.yaml without a master key or credentials, a credential without a
        name, and one that lacks what its type needs: `api_key` and `base_url`, or
        `project_id`, `location` and a key for `vertex-ai`. A missing `base_url` of a
        service whose address the router's own page leaves out is a warning.

    Why:
        The router checks the file when it starts, and exits with the first of these
        messages.

    Use instead:
        The key that the message names.
    """
    yield from router_findings(this, workspace, ProblemKind.MISSING)
