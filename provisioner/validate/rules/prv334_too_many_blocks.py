"""PRV334."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["too_many_blocks"]


@rule("PRV334", "too-many-blocks", Severity.ERROR)
def too_many_blocks(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """More nested blocks of one type than the Coder provider takes.

    What it does:
        Counts the nested blocks of the Coder provider's resources and data sources. `dynamic`
        blocks are not counted: they can make none.

    Why:
        `terraform plan`, and so every workspace build, ends with `Too many … blocks`.

    Use instead:
        One block with all the arguments.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for name, schema in item.schema.blocks.items():
            written = [block for block in item.block.blocks if block.type == name]
            for extra in written[schema.most :] if schema.most else ():
                yield this.finding(
                    extra.path,
                    extra.header_span,
                    f'{item.title} takes {schema.most} block "{name}", this is one more',
                    help="put the arguments into the first one",
                )
