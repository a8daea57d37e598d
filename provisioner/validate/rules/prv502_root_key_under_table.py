"""PRV502."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.managed_config import ManagedConfig
from provisioner.validate.misplaced import misplaced_pairs
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["root_key_under_table"]


@rule("PRV502", "root-key-under-table", Severity.ERROR)
def root_key_under_table(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A setting of Codex that fell under a table header.

    What it does:
        Reports keys of the root of `config.toml`, such as `model` or `model_provider`, that stand
        below a header such as `[model_providers.gateway]` whose table has no such key. Reports keys
        at the top of the input `mcp` of the Codex module (`additional_mcp_servers`
        before release 5) where the module writes them below a
        table that is still open.

    Why:
        In TOML everything after a header belongs to its table. Codex ignores the key, with a
        warning at best: it keeps its default model and provider, and requests go to OpenAI.

    Use instead:
        The same key above the first table header.
    """
    for document, release in workspace.codex_documents:
        for table, pair in misplaced_pairs(document, release):
            key = pair.path[-1]
            yield this.finding(
                document.path,
                pair.key_span,
                f'"{key}" stands under "{table.header}", where it means nothing to Codex',
                help=f'move "{key}" above the first table header',
            )
    for config in map(ManagedConfig, workspace.codex_modules):
        table_above = config.open_table if config.is_known else None
        pairs = config.mcp.tables[0].pairs if config.mcp and table_above else ()
        for pair in pairs:
            yield this.finding(
                config.mcp.path if config.mcp else "",
                pair.key_span,
                f'the module writes "{pair.path[-1]}" below "{table_above}", which takes it in',
                help="begin the text with a table header, such as [mcp_servers.NAME]",
            )
