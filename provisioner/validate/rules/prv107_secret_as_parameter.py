"""PRV107."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.secret_values import is_named_like_a_secret
from provisioner.validate.workspace import Workspace

__all__ = ["secret_as_parameter"]


@rule("PRV107", "secret-as-parameter", Severity.WARNING)
def secret_as_parameter(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A parameter that asks for a secret.

    What it does:
        Reports a `coder_parameter` whose `name` ends in a word for a secret, such as
        `openai_api_key`, `token` or `password`.

    Why:
        Coder keeps the value of a parameter in clear with every build of the workspace and shows it
        to everyone who may see the workspace's parameters. `mask_input` hides it while it is typed,
        and nowhere else.

    Use instead:
        A user secret, `coder secret create openai --env OPENAI_API_KEY`, or an external
        authentication, `data "coder_external_auth"`.
    """
    for block in workspace.blocks("data", "coder_parameter"):
        name = block.value("name")
        text = workspace.evaluator.text(name)
        if name and text and is_named_like_a_secret(text):
            yield this.finding(
                name.path,
                name.span,
                f'the parameter "{text}" keeps a secret in clear, with every build',
                help="let users store it once with `coder secret create NAME --env VARIABLE`",
                confidence=Confidence.MEDIUM,
            )
