"""PRV706."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.problem import ProblemKind
from provisioner.validate.router import router_findings
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unread_alias_list"]


@rule("PRV706", "unread-alias-list", Severity.WARNING)
def unread_alias_list(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Aliases in a spelling that Auto AI Router does not read.

    What it does:
        Reports `model_aliases`, a list of `alias/model`, which the router's page about
        Codex shows.

    Why:
        The router reads the map `model_alias` and ignores all else, so that requests for
        the aliases fail.

    Use instead:
        The map, with an alias and its model in each line.
    """
    yield from router_findings(this, workspace, ProblemKind.ALIAS_LIST)
