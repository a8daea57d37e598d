"""Root keys of a Codex config that fell under a table header."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.syntax.toml_document import TomlDocument, TomlPair, TomlTable

__all__ = ["misplaced_pairs"]


def misplaced_pairs(
    document: TomlDocument, release: CodexRelease
) -> Iterator[tuple[TomlTable, TomlPair]]:
    """Yield every such pair with the table that it fell into."""
    known = codex_config_keys()
    for table in document.tables:
        if table.path[:1] == ("profiles",) and release.has("profile_files"):
            continue  # Nothing reads the table, so nothing would if the key stood elsewhere.
        for pair in table.pairs:
            *parents, key = pair.path
            if tuple(parents) == table.path and known.is_misplaced(str(key), table.path):
                yield table, pair
