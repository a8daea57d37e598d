"""PRV109."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.secret_values import secret_references
from provisioner.validate.workspace import Workspace

__all__ = ["secret_in_output"]


@rule("PRV109", "secret-in-output", Severity.ERROR)
def secret_in_output(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A secret in an output that is not sensitive.

    What it does:
        Reports an `output` whose value has a sensitive variable in it, or a token that the Coder
        provider marks as sensitive, and that does not have `sensitive = true`; with
        `nonsensitive()` around the secret too.

    Why:
        Terraform refuses it with `Output refers to sensitive values`. With `nonsensitive()` it
        prints the secret into the log of every build instead.

    Use instead:
        No output at all: nothing reads the outputs of a template. In a module, `sensitive = true`.
    """
    for block in workspace.blocks("output"):
        value = block.value("value")
        hidden = workspace.evaluator.value(block.value("sensitive")).known
        if value is None or not (hidden is None or hidden is False):
            continue
        for secret in secret_references(value, workspace):
            yield this.finding(
                secret.path,
                secret.span,
                f'the output "{block.names[0] if block.names else ""}" shows a secret',
                help="remove the output, or write sensitive = true in it",
                confidence=Confidence.MEDIUM,
            )
