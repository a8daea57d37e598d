"""PRV337."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import settled_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["deprecated_argument"]


@rule("PRV337", "deprecated-argument", Severity.WARNING)
def deprecated_argument(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument or block that the Coder provider is about to drop.

    What it does:
        Looks for what the Coder provider calls deprecated. `dir` of a `coder_agent` is reported
        when it is surely not the home folder, where it does no harm.

    Why:
        Every build log has a warning, a later release of the provider refuses the template, and
        with another `dir` the file sync of Coder Desktop breaks today.

    Use instead:
        What took its place.
    """
    for item in (item for top in settled_blocks(workspace) for item in top.all()):
        if item.limits.instead:
            yield this.finding(
                item.block.path,
                item.header_span,
                f"{item.title} is deprecated",
                help=f"use {item.limits.instead}",
            )
        for attribute, _ in item.arguments:
            limits = item.limits_of(attribute.name)
            value = workspace.evaluator.value(attribute.expression)
            if limits.instead and isinstance(value.known, str) and value.known not in limits.unless:
                yield this.finding(
                    attribute.path,
                    attribute.name_span,
                    f'"{attribute.name}" of {item.title} is deprecated',
                    help=f"use {limits.instead}",
                    confidence=value.confidence,
                )
