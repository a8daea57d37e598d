"""PRV202."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.given_variables import GivenVariable, given_variables
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import given
from provisioner.validate.workspace import Workspace

__all__ = ["api_key_in_chatgpt_flow"]

_NAME = "OPENAI_API_KEY"


@rule("PRV202", "api-key-in-chatgpt-flow", Severity.ERROR)
def api_key_in_chatgpt_flow(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An OpenAI API key beside a ChatGPT login.

    What it does:
        Where a model provider of the template's Codex config has a `base_url` that ends in
        `/chatgpt/v1`, reports every place that gives the workspace an `OPENAI_API_KEY`: a
        `coder_env`, the `env` of an agent, a container or a pod, and the input `openai_api_key` of
        the Codex module.

    Why:
        In this flow Codex must send the user's ChatGPT login. The module stores the key in
        `~/.codex/auth.json` at every start in place of that login, and tools that find the
        variable use it; the gateway's ChatGPT provider cannot accept it.

    Use instead:
        No `OPENAI_API_KEY` anywhere; users run `codex login`.
    """
    if not any(_uses_chatgpt(workspace)):
        return
    for place in _places(workspace):
        yield this.finding(
            place.path,
            place.span,
            f'"{_NAME}" is given to a workspace whose Codex logs in with ChatGPT',
            help="remove it; users of this flow run `codex login`",
        )


def _uses_chatgpt(workspace: Workspace) -> Iterator[bool]:
    for document in workspace.toml_documents:
        for pair in document.strings:
            if pair.path[:1] == ("model_providers",) and pair.path[-1] == "base_url":
                yield pair.value.rstrip("/").endswith("/chatgpt/v1")


def _places(workspace: Workspace) -> Iterator[Attribute | GivenVariable]:
    for call in workspace.codex_modules:
        key = call.block.attributes.get("openai_api_key")
        if key and given(key.expression, workspace.declared):
            yield key
    yield from given_variables(workspace, _NAME)
