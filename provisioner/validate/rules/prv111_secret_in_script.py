"""PRV111."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Block, Expression
from provisioner.validate.rule import Rule, rule
from provisioner.validate.secret_values import secret_references
from provisioner.validate.workspace import Workspace

__all__ = ["secret_in_script"]

_OF_AGENT = ("startup_script", "shutdown_script")
_OF_MODULE = ("pre_install_script", "post_install_script")


@rule("PRV111", "secret-in-script", Severity.WARNING)
def secret_in_script(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A secret pasted into the text of a script.

    What it does:
        Reports a sensitive variable, or a token that the Coder provider marks as sensitive, in the
        text of a `coder_script`, of an agent's start, shutdown or metadata script, or of a script
        given to a module.

    Why:
        The text of a script is kept in clear in Coder's database and in a file of the workspace;
        commands of it with the secret among their arguments are in the process list, and
        `set -x` logs them. A quote in the secret also breaks the script.

    Use instead:
        A `coder_env`, and `$NAME` in the script.
    """
    for script in _scripts(workspace):
        for secret in secret_references(script, workspace):
            yield this.finding(
                secret.path,
                secret.span,
                "a secret is pasted into the text of a script",
                help='give it by a coder_env and write "$NAME" in the script',
            )


def _scripts(workspace: Workspace) -> Iterator[Expression | None]:
    for block in workspace.blocks("resource", "coder_script"):
        yield block.value("script")
    for block in workspace.blocks("resource", "coder_agent"):
        yield from _values(block, _OF_AGENT)
        yield from (item.value("script") for item in block.blocks if item.type == "metadata")
    for block in workspace.blocks("module"):
        yield from _values(block, _OF_MODULE)


def _values(block: Block, names: tuple[str, ...]) -> Iterator[Expression | None]:
    return (block.value(name) for name in names)
