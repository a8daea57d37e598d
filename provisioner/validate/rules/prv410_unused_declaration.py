"""PRV410."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Traversal
from provisioner.validate.mention import Mention
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unused_declaration"]


@rule("PRV410", "unused-declaration", Severity.NOTE)
def unused_declaration(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A variable, local value or data source that nothing refers to.

    What it does:
        Looks for the address of each in all expressions of the folder; a variable that only its
        own validation names is unused. `data "coder_parameter"` is left alone, since it asks a
        question even so, and so is a folder with a file that cannot be read, and one without a
        `terraform` block, which is taken for a part of a folder.

    Why:
        Whoever reads the template looks for the place where it matters, and a variable without a
        default is asked for at every push.

    Use instead:
        Remove it.
    """
    if not workspace.is_whole or not any(workspace.blocks("terraform")):
        return
    used = {_address(mention.name) for mention in workspace.mentions if not _is_own(mention)}
    used |= {_address(name) for name in workspace.named_in_settings}
    for block in workspace.top_blocks:
        if is_override(block.path):
            continue
        match block.type, block.names:
            case "variable", (name,) if f"var.{name}" not in used:
                yield this.finding(
                    block.path, block.header_span, f"var.{name} is not used", help=_HELP
                )
            case "data", (kind, name) if kind not in _ASKING and f"data.{kind}.{name}" not in used:
                message = f"data.{kind}.{name} is not used"
                yield this.finding(block.path, block.header_span, message, help=_HELP)
            case "locals", ():
                for attribute in block.attributes.values():
                    if f"local.{attribute.name}" not in used:
                        message = f"local.{attribute.name} is not used"
                        yield this.finding(attribute.path, attribute.name_span, message, help=_HELP)


_HELP = "remove it"
# These do something by being there: they ask, or they offer presets.
_ASKING = frozenset({"coder_parameter", "coder_workspace_preset", "coder_workspace_tags"}) | {
    "coder_external_auth",
    "coder_secret",
    "coder_task",
}


def _is_own(mention: Mention) -> bool:
    """Say whether a variable names itself, in its validation."""
    top = mention.top
    return top.type == "variable" and _address(mention.name) == f"var.{''.join(top.names)}"


def _address(name: Traversal) -> str:
    match name.root, name.steps:
        case (("var" | "local" as root), (str() as first, *_)):
            return f"{root}.{first}"
        case "data", (str() as kind, str() as first, *_):
            return f"data.{kind}.{first}"
    return ""
