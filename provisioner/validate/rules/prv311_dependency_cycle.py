"""PRV311."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Traversal
from provisioner.validate.mention import Mention
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["dependency_cycle"]

_MOST = 20
_EXISTING = ("connection", "lifecycle", "provisioner")
"""Where a resource exists already, so that it may name itself."""

_Graph = dict[str, dict[str, Traversal]]


@rule("PRV311", "dependency-cycle", Severity.ERROR)
def dependency_cycle(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A value that depends on itself.

    What it does:
        Follows references among local values, resources and data sources. Modules are left alone,
        since an output need not depend on every input.

    Why:
        `terraform plan`, and so every workspace build, ends with `Cycle` and a list of addresses
        without a line.

    Use instead:
        A value that both sides can be made of, or `self` in a provisioner.
    """
    graph = _graph(workspace)
    for _ in range(_MOST):
        cycle = _cycle(graph)
        if not cycle:
            return
        # graphlib names each one before the one that depends on it.
        ring = cycle[:0:-1]
        start = ring.index(min(ring))
        steps = [*ring[start:], *ring[: start + 1]]
        reference = graph[steps[0]][steps[1]]
        yield this.finding(
            reference.path,
            reference.span,
            f"{steps[0]} depends on itself: {' → '.join(steps)}",
            help="remove one of these references",
        )
        graph.pop(steps[0])


def _cycle(graph: _Graph) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def _graph(workspace: Workspace) -> _Graph:
    graph = _Graph()
    for mention in workspace.mentions:
        owner, target = _owner(mention), _target(mention.name)
        exists_already = owner == target and mention.is_inside(*_EXISTING)
        if owner and target and not exists_already:
            graph.setdefault(owner, {}).setdefault(target, mention.name)
    return graph


def _owner(mention: Mention) -> str:
    match mention.top.type, mention.top.names:
        case "locals", ():
            return f"local.{mention.attribute.name}"
        case "resource", (kind, name):
            return f"{kind}.{name}"
        case "data", (kind, name):
            return f"data.{kind}.{name}"
    return ""


def _target(name: Traversal) -> str:
    match name.root, name.steps:
        case "data", (str() as kind, str() as label, *_):
            return f"data.{kind}.{label}"
        case "resource", (str() as kind, str() as label, *_):
            return f"{kind}.{label}"
        case (("var" | "module" | "each" | "count" | "self" | "path" | "terraform"), _):
            return ""
        case str() as kind, (str() as label, *_):
            return f"{kind}.{label}"
    return ""
