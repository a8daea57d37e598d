"""PRV502."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["root_key_under_table"]


@rule("PRV502", "root-key-under-table", Severity.ERROR)
def root_key_under_table(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A setting of Codex that fell under a table header.

    What it does:
        Reports keys of the root of `config.toml`, such as `model` or `model_provider`, that stand
        below a header such as `[model_providers.gateway]` whose table has no such key.

    Why:
        In TOML everything after a header belongs to its table. Codex ignores the key, with a
        warning at best: it keeps its default model and provider, and requests go to OpenAI.

    Use instead:
        The same key above the first table header.
    """
    known = codex_config_keys()
    for document in workspace.toml_documents:
        for table in document.tables:
            for pair in table.pairs:
                *parents, key = pair.path
                if tuple(parents) == table.path and known.is_misplaced(str(key), table.path):
                    yield this.finding(
                        document.path,
                        pair.key_span,
                        f'"{key}" stands under "{table.header}", where Codex ignores it',
                        help=f'move "{key}" above the first table header',
                    )
