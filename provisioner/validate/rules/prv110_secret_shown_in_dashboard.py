"""PRV110."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression
from provisioner.validate.rule import Rule, rule
from provisioner.validate.secret_values import secret_references
from provisioner.validate.workspace import Workspace

__all__ = ["secret_shown_in_dashboard"]


@rule("PRV110", "secret-shown-in-dashboard", Severity.ERROR)
def secret_shown_in_dashboard(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A secret in something that Coder shows on the workspace's page.

    What it does:
        Reports a sensitive variable, or a token that the Coder provider marks as sensitive, in the
        value of a `coder_metadata` item without `sensitive = true`, and in the `url` or `command`
        of a `coder_app`.

    Why:
        Coder shows metadata and apps to everyone who may see the workspace, administrators and
        those it is shared with among them, and keeps them in its database in clear.

    Use instead:
        `sensitive = true` in the item, which hides the value until it is asked for; a `coder_env`
        for what programs in the workspace need.
    """
    for value, what in _shown(workspace):
        for secret in secret_references(value, workspace):
            yield this.finding(
                secret.path,
                secret.span,
                f"{what} shows a secret to everyone who may see the workspace",
                help="give it to the workspace by a coder_env, or mark the item as sensitive",
            )


def _shown(workspace: Workspace) -> Iterator[tuple[Expression | None, str]]:
    for block in workspace.blocks("resource", "coder_metadata"):
        for item in block.blocks:
            hidden = workspace.evaluator.value(item.value("sensitive")).known
            if item.type == "item" and (hidden is None or hidden is False):
                yield item.value("value"), "the metadata item"
    for block in workspace.blocks("resource", "coder_app"):
        for name in ("url", "command"):
            yield block.value(name), f'"{name}" of the app'
