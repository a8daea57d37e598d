"""PRV202."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import (
    Call,
    Expression,
    ListValue,
    ObjectItem,
    ObjectValue,
    Piece,
    Text,
)
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import given, literal_text
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


def _places(workspace: Workspace) -> Iterator[Piece]:
    for call in workspace.codex_modules:
        key = call.block.attributes.get("openai_api_key")
        if key and given(key.expression, workspace.declared):
            yield key
    for top in workspace.blocks("resource"):
        if top.names[:1] == ("coder_env",):
            yield from _named(top.value("name"), top.value("value"))
            continue
        for block in top.descend():
            if "env" in block.attributes:
                yield from _in_environment(block.attributes["env"].expression)
            if block.type == "env":
                yield from _named(block.value("name"), block.value("value"))


def _named(name: Expression | None, value: Expression | None) -> Iterator[Piece]:
    if name and literal_text(name) == _NAME and literal_text(value) != "":
        yield name


def _in_environment(environment: Expression) -> Iterator[Piece]:
    """Look through a map, a list of `NAME=value`, a list of objects, and calls such as `merge`."""
    if isinstance(environment, Call):
        for argument in environment.arguments:
            yield from _in_environment(argument)
    elif isinstance(environment, ObjectValue):
        yield from (item for item in environment.items if _sets_key(item))
    elif isinstance(environment, ListValue):
        for element in environment.elements:
            if isinstance(element, Text) and _is_assignment(element.decoded.text):
                yield element
            elif isinstance(element, ObjectValue):
                values = {item.name: item.value for item in element.items}
                yield from _named(values.get("name"), values.get("value"))


def _sets_key(item: ObjectItem) -> bool:
    return item.name == _NAME and literal_text(item.value) != ""


def _is_assignment(text: str) -> bool:
    name, _, value = text.partition("=")
    return name == _NAME and value != ""
