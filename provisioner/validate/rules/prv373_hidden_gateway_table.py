"""PRV373."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.managed_config import ManagedConfig
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["hidden_gateway_table"]


@rule("PRV373", "hidden-gateway-table", Severity.ERROR)
def hidden_gateway_table(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A comment that keeps the Codex module from writing the gateway's table.

    What it does:
        In calls with `enable_ai_gateway = true` of releases from 5.2.0 on, reports the text
        `[model_providers.aigateway]` in `base_config_toml` or `mcp` where it is no table header.

    Why:
        The module looks for this text to see whether the table is there already, and takes a
        comment for it. Then nothing defines the provider: Codex ends with `Model provider
        aigateway not found`, or sends requests past the gateway.

    Use instead:
        Other words in the comment.
    """
    for call in workspace.codex_modules:
        config = ManagedConfig(call)
        found = config.mention() if config.is_known else None
        provider = call.gateway_provider
        if found is None or provider is None or provider.id in call.codex_config.provider_names:
            continue
        document, span = found
        yield this.finding(
            document.path,
            span,
            f"the module takes this for the table and does not write {config.gateway_header}",
            help="word it without the brackets",
        )
