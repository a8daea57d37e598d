"""PRV105."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["loose_credential_file"]


@rule("PRV105", "loose-credential-file", Severity.WARNING)
def loose_credential_file(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An auth.json that other users may open.

    What it does:
        Reports an auth.json of a Codex home whose permissions let anyone but its owner read or
        change it.

    Why:
        It holds an API key or the tokens of a ChatGPT login, and whoever reads it can use them.

    Use instead:
        Mode 0600, which `codex login` gives it.
    """
    auth = workspace.home.auth if workspace.home else None
    if auth and auth.is_open_to_others:
        message = f"other users of this machine may open this file (mode {auth.mode:04o})"
        yield this.finding(auth.path, FILE_START, message, help=f"run `chmod 600 {auth.path}`")
