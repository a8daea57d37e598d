"""PRV331."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["read_only_argument"]


@rule("PRV331", "read-only-argument", Severity.ERROR)
def read_only_argument(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument that only the Coder provider can set.

    What it does:
        Looks for arguments of the Coder provider's blocks that its schema calls computed, and
        neither required nor optional.

    Why:
        `terraform plan`, and so every workspace build, ends with
        `Value for unconfigurable attribute`.

    Use instead:
        The block without it; other blocks can read it.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for attribute, schema in item.arguments:
            if schema.is_read_only:
                yield this.finding(
                    attribute.path,
                    attribute.name_span,
                    f'"{attribute.name}" of {item.title} is set by the Coder provider',
                    help="remove it; it can only be read",
                )
