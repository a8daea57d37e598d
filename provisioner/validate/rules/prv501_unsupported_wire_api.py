"""PRV501."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Edit, Finding, Fix, Severity
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_wire_api"]


@rule("PRV501", "unsupported-wire-api", Severity.ERROR, fixes=Fixes.SAFE)
def unsupported_wire_api(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A wire API that Codex no longer speaks.

    What it does:
        Reports a `wire_api` other than `"responses"` in a model provider.

    Why:
        Codex ends at the start with `Error loading config.toml`, even when the provider is not the
        selected one. The chat API was removed from Codex.

    Use instead:
        `wire_api = "responses"`, and a gateway that serves it.
    """
    (supported,) = codex_config_keys().wire_apis
    for document in workspace.toml_documents:
        for pair in document.strings:
            match pair.path:
                case ("model_providers", _, "wire_api") if pair.value != supported:
                    if document.has_hole(*pair.path):
                        continue
                    content = document.content_span(*pair.path)
                    yield this.finding(
                        document.path,
                        pair.value_span,
                        f'Codex does not support the wire API "{pair.value}"',
                        help=f'write wire_api = "{supported}"',
                        fix=Fix(safe=True, edits=(Edit(content, supported),)) if content else None,
                    )
