"""PRV346."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.coder_references import folder_references, target_of
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unread_parameter"]


@rule("PRV346", "unread-parameter", Severity.NOTE)
def unread_parameter(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A parameter that nothing in the template reads.

    What it does:
        Looks for a `coder_parameter` that no expression of the folder refers to. A folder with a
        file that cannot be read is left alone.

    Why:
        Users are asked for a value that changes nothing.

    Use instead:
        A reference such as `data.coder_parameter.size.value`, or no parameter.
    """
    if not workspace.is_whole:
        return
    targets = (target_of(reference) for reference in folder_references(workspace))
    read = {target.address for target in targets if target}
    for item in coder_blocks(workspace, "coder_parameter"):
        if item.address not in read and not is_override(item.block.path):
            yield this.finding(
                item.block.path,
                item.header_span,
                f"nothing reads {item.address}",
                help=f"refer to {item.address}.value, or remove the parameter",
            )
