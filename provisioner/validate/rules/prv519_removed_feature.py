"""PRV519."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_features import codex_features
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["removed_feature"]


@rule("PRV519", "removed-feature", Severity.NOTE)
def removed_feature(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A feature switch that Codex still takes and that switches nothing.

    What it does:
        Reports names below `[features]` that the version of Codex lists as removed.

    Why:
        Codex takes the name without a word, `--strict-config` included, and does the same with and
        without it. What the switch was there for is either always on or gone.

    Use instead:
        No such line.
    """
    for document, release in workspace.codex_documents:
        features = document.get("features")
        for name in features if isinstance(features, dict) else ():
            known = codex_features()
            if known.is_removed(name, release.version):
                yield this.finding(
                    document.path,
                    document.key_span("features", name),
                    f'"{name}" does nothing: Codex removed it by {known.removed[name]}',
                    help="remove it",
                )
