"""PRV113."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Edit, Finding, Fix, Severity
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["public_app"]


@rule("PRV113", "public-app", Severity.WARNING, fixes=Fixes.UNSAFE)
def public_app(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An app that anybody on the network can use.

    What it does:
        Reports a `coder_app` with `share = "public"`.

    Why:
        Whoever has the URL reaches the app without a login. Behind it run a shell, an editor or
        Codex, with the owner's files, gateway token and stored logins.

    Use instead:
        `share = "owner"`, which is the default, or `"authenticated"`.
    """
    for block in workspace.blocks("resource", "coder_app"):
        share = block.value("share")
        value = workspace.evaluator.value(share)
        if share and value.known == "public":
            yield this.finding(
                share.path,
                share.span,
                "anybody who has the URL can use this app, without a login",
                help='write share = "owner" or "authenticated"',
                fix=Fix(safe=False, edits=(Edit(share.span, '"owner"'),)),
                confidence=value.confidence,
            )
