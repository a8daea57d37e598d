"""PRV507."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["provider_named_openai"]

_NAME = "OpenAI"


@rule("PRV507", "provider-named-openai", Severity.WARNING)
def provider_named_openai(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A model provider whose display name makes Codex take it for OpenAI.

    What it does:
        Reports `name = "OpenAI"`, in exactly this spelling, of a model provider.

    Why:
        Codex goes by the name: with a ChatGPT login it compresses request bodies with zstd, and
        it asks the provider to compact a conversation in a way that only OpenAI knows. Few
        gateways can answer either.

    Use instead:
        Any other name.
    """
    for document, _ in workspace.codex_documents:
        for pair in document.strings:
            match pair.path:
                case ("model_providers", _, "name") if pair.value == _NAME:
                    yield this.finding(
                        document.path,
                        pair.value_span,
                        f'the name "{_NAME}" makes Codex speak to this provider as to OpenAI',
                        help="give it the name of the gateway",
                    )
