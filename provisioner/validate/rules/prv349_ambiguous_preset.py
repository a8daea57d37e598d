"""PRV349."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock
from provisioner.validate.coder_references import repeated
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ambiguous_preset"]


@rule("PRV349", "ambiguous-preset", Severity.ERROR)
def ambiguous_preset(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two presets of one name, or more than one default preset.

    What it does:
        Compares `name` of all `coder_workspace_preset` data sources, and counts those with
        `default = true`. Where only Terraform knows how many there are, it is left alone.

    Why:
        The template cannot be pushed: the names are unique in Coder's database, and
        `a maximum of 1 coder_workspace_preset can be marked as default`.

    Use instead:
        A name for each, and one default.
    """

    def name(item: CoderBlock) -> object:
        return workspace.evaluator.text(item.block.value("name"))

    def default(item: CoderBlock) -> object:
        return workspace.evaluator.value(item.block.value("default")).known is True or None

    for item, first in repeated(workspace, "coder_workspace_preset", name):
        attribute = item.block.attributes["name"]
        message = f'the preset name "{name(item)}" is also that of {_other(item, first)}'
        span = attribute.expression.span
        yield this.finding(attribute.path, span, message, help="give every preset its own name")
    for item, first in repeated(workspace, "coder_workspace_preset", default):
        attribute = item.block.attributes["default"]
        message = f"the default preset is already {_other(item, first)}"
        span = attribute.expression.span
        yield this.finding(attribute.path, span, message, help="let one preset be the default")


def _other(item: CoderBlock, first: CoderBlock) -> str:
    return "another one of it" if item is first else first.address
