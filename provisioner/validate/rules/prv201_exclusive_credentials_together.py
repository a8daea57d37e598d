"""PRV201."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import given
from provisioner.validate.workspace import Workspace

__all__ = ["exclusive_credentials_together"]


@rule("PRV201", "exclusive-credentials-together", Severity.ERROR)
def exclusive_credentials_together(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """The AI gateway and an own API key in one call of the Codex module.

    What it does:
        Reports `openai_api_key` in a call of the Codex module that has `enable_ai_gateway = true`
        (`enable_aibridge` before release 5), unless the key is known to be empty.

    Why:
        The module refuses it: `terraform plan`, and so every workspace build, ends with
        `openai_api_key cannot be provided when enable_ai_gateway is true`.

    Use instead:
        `enable_ai_gateway = true` alone, where the gateway holds the key; `openai_api_key` alone,
        where Codex talks to OpenAI directly.
    """
    for call in workspace.codex_modules:
        key = call.block.attributes.get("openai_api_key")
        if key is None or not call.enables_gateway:
            continue
        if confidence := given(key.expression, workspace.declared):
            yield this.finding(
                key.path,
                key.span,
                'terraform plan fails here: "openai_api_key" cannot be provided when '
                f'"{call.gateway_switches[0]}" is true',
                help='remove "openai_api_key": the gateway holds the key',
                confidence=confidence,
            )
