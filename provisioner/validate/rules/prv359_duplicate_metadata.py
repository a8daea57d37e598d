"""PRV359."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock
from provisioner.validate.coder_references import repeated, target_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_metadata"]


def _resource(item: CoderBlock) -> str | None:
    target = target_of(item.block.value("resource_id"))
    return target.address if target else None


@rule("PRV359", "duplicate-metadata", Severity.ERROR)
def duplicate_metadata(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two `coder_metadata` resources for one resource.

    What it does:
        Compares the resources that `resource_id` of all `coder_metadata` refers to; the instances
        of a resource with `count` are one. Where only Terraform knows how many there are, it is
        left alone.

    Why:
        The template cannot be pushed: `duplicate metadata resource`.

    Use instead:
        One `coder_metadata` with all the `item` blocks.
    """
    for item, first in repeated(workspace, "coder_metadata", _resource):
        attribute = item.block.attributes["resource_id"]
        who = f"every instance of {item.address}" if item is first else f"{first.address} too"
        yield this.finding(
            attribute.path,
            attribute.expression.span,
            f"{_resource(item)} has metadata from {who}",
            help="put all items into one coder_metadata",
        )
