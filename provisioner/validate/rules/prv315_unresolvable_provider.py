"""PRV315."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.exported_attributes import is_coder_block
from provisioner.syntax.hcl_model import Block, Text, Traversal
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unresolvable_provider"]


@rule("PRV315", "unresolvable-provider", Severity.ERROR)
def unresolvable_provider(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A block of the Coder provider in a folder that does not say where the provider comes from.

    What it does:
        Looks for the source `coder/coder` in `required_providers` where a resource, a data source
        or a `provider` block needs it. A folder with a file that cannot be read is left alone.

    Why:
        Terraform then looks for `hashicorp/coder`, which does not exist, and `terraform init` ends
        with `Failed to query available provider packages`.

    Use instead:
        `coder = { source = "coder/coder" }` in `required_providers`.
    """
    if not workspace.is_whole:
        return
    required = {item.name: item for item in requirements(workspace.top_blocks)}
    for block in workspace.top_blocks:
        name = _provider(block)
        if name is None:
            continue
        requirement = required.get(name)
        source = requirement.text("source") if requirement else None
        if source is None:
            what = "without a source" if requirement else "not required"
            yield this.finding(
                block.path,
                block.header_span,
                f'the Terraform provider "{name}" is {what}, and hashicorp/{name} does not exist',
                help=f'add {name} = {{ source = "coder/coder" }} to required_providers',
            )
            return  # One entry puts all blocks right.


def _provider(block: Block) -> str | None:
    """Return the local name of the Coder provider that the block needs."""
    match block.type, block.names, block.value("provider"):
        case (("resource" | "data" as kind), (type_name, _), selected):
            if not is_coder_block(kind, type_name):
                return None
            match selected:
                case Traversal(root=name):
                    return name
                case Text(value=str() as name):
                    return name.partition(".")[0]
            return "coder"
        case "provider", ("coder",), _:
            return "coder"
    return None
