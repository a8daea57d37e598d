"""PRV372."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.managed_config import ManagedConfig
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["clashing_module_config"]


@rule("PRV372", "clashing-module-config", Severity.ERROR)
def clashing_module_config(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Config texts that are TOML each, and none where the Codex module joins them.

    What it does:
        Puts `base_config_toml`, or the default that the module writes without it, `mcp` and the
        provider table for `enable_ai_gateway` behind each other as the selected release does, and
        reports a key or table that is then there twice. Release 4.3.1 has `additional_mcp_servers`
        and `enable_aibridge` in their place, and adds `[mcp_servers.Coder]`. Reports inputs with
        the marker lines of the module's own block, which releases from 5.2.0 on refuse.

    Why:
        Codex ends at the start with `duplicate key`; with a marker the script of the module ends
        before it writes any config.

    Use instead:
        One definition: MCP servers in `mcp` only, and no table for the provider that the module
        appends.
    """
    for call in workspace.codex_modules:
        config = ManagedConfig(call)
        yield from _markers(this, config)
        if not config.is_known:
            continue
        if clash := config.clash():
            yield this.finding(
                clash.document.path,
                clash.span,
                clash.message,
                help="keep one of the two definitions",
            )


def _markers(this: Rule, config: ManagedConfig) -> Iterator[Finding]:
    for name, document in config.call.toml.items():
        text = document.located.text
        for marker in config.written.markers if config.written else ():
            start = text.find(marker)
            if start >= 0:
                yield this.finding(
                    document.path,
                    document.located.span(start, start + len(marker)),
                    f'the script of the module refuses "{name}": it has a marker of the '
                    "module's own block",
                    help="remove the line",
                )
