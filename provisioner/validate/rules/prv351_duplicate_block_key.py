"""PRV351."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import settled_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_block_key"]


@rule("PRV351", "duplicate-block-key", Severity.ERROR)
def duplicate_block_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two nested blocks with the same key where each must have its own.

    What it does:
        Compares the keys of the `metadata` blocks of a `coder_agent`, those of the `item` blocks
        of a `coder_metadata`, and the paths of monitored volumes. `dynamic` blocks are left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `duplicate agent metadata key`,
        `duplicate resource metadata key` or `duplicate volume path`.

    Use instead:
        A key of its own for each; what users read is `display_name`.
    """
    for item in (item for top in settled_blocks(workspace) for item in top.all()):
        seen: set[tuple[str, str]] = set()
        for inner in item.nested:
            attribute = inner.block.attributes.get(inner.limits.unique)
            text = workspace.evaluator.text(attribute.expression) if attribute else None
            if attribute is None or text is None or inner.is_dynamic:
                continue
            if (inner.type_name, text) in seen:
                yield this.finding(
                    attribute.path,
                    attribute.expression.span,
                    f'a {inner.title} before has the {attribute.name} "{text}"',
                    help=f"use another {attribute.name}",
                )
            seen.add((inner.type_name, text))
