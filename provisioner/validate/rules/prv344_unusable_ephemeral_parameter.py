"""PRV344."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_parameter import parameters
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unusable_ephemeral_parameter"]


@rule("PRV344", "unusable-ephemeral-parameter", Severity.ERROR)
def unusable_ephemeral_parameter(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An ephemeral parameter that cannot change, or that has no default.

    What it does:
        Looks for a `coder_parameter` with `ephemeral = true` but without `mutable = true`, or
        without `default`.

    Why:
        An ephemeral value is forgotten after each build, so the next one needs another. The Coder
        provider ends with `parameter can't be immutable and ephemeral` or
        `ephemeral parameter requires the default property`.

    Use instead:
        `mutable = true` and a default.
    """
    for parameter in parameters(workspace):
        item = parameter.item
        ephemeral = item.block.attributes.get("ephemeral")
        if ephemeral is None or parameter.text(item, "ephemeral") != "true":
            continue
        lacking = []
        if not parameter.is_open(item, "mutable") and parameter.text(item, "mutable") != "true":
            lacking.append(("that cannot change", "add mutable = true"))
        if not parameter.is_open(item, "default") and parameter.text(item, "default") is None:
            lacking.append(("without a default", "add a default"))
        for what, advice in lacking:
            yield this.finding(
                ephemeral.path, ephemeral.name_span, f"an ephemeral parameter {what}", help=advice
            )
