"""PRV360."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_limits import known_release, removed_names
from provisioner.knowledge.coder_provider import coder_block
from provisioner.validate.coder_references import Target, folder_references, target_of
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.required_provider import coder_constraints
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_provider_attribute"]


@rule("PRV360", "unknown-provider-attribute", Severity.ERROR)
def unknown_provider_attribute(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reference to an attribute that the Coder provider does not have.

    What it does:
        Compares references to the Coder provider's resources and data sources, those in strings
        included, with its schema. A template that requires a newer release of the provider than
        is known here is left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Unsupported attribute`. Release
        2.0 removed `data.coder_workspace.me.owner` and its like.

    Use instead:
        The attribute that the provider has.
    """
    newest = known_release()
    if any((item.least or newest) > newest for item in coder_constraints(workspace)):
        return
    for reference in folder_references(workspace):
        target = target_of(reference)
        schema = coder_block(target.kind, target.type_name) if target else None
        if target is None or target.attribute is None or schema is None:
            continue
        known = (*schema.attributes, *schema.blocks)
        if target.attribute not in known:
            yield this.finding(
                reference.path,
                reference.span,
                f'{target.address} has no attribute "{target.attribute}"',
                help=_help(target, known),
            )


def _help(target: Target, known: tuple[str, ...]) -> str:
    removed = removed_names().get(f"{target.kind}.{target.type_name}.{target.attribute}")
    if removed:
        return f"use {removed} instead"
    near = did_you_mean(target.attribute or "", known)
    return near or f"it has {', '.join(sorted(known))}"
