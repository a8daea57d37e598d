"""PRV320."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression, ListValue, Text, Traversal
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_reference_list"]

_INSTANCE = frozenset({"count", "each"})
_IN_LIFECYCLE = ("ignore_changes", "replace_triggered_by")
_ADVICES = {
    "depends_on": "name resources, data sources or modules, such as docker_volume.home",
    "ignore_changes": "name arguments of the block, such as [name], or write all",
    "replace_triggered_by": "name resources or their attributes, such as terraform_data.image",
}


@rule("PRV320", "invalid-reference-list", Severity.ERROR)
def invalid_reference_list(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A list of references, such as `depends_on`, with something else in it.

    What it does:
        Looks at each element of `depends_on`, `ignore_changes` and `replace_triggered_by`: values,
        function calls and texts are no references. A reference in quotes, which Terraform takes
        with a warning, is reported as a warning.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid expression`.

    Use instead:
        `depends_on = [docker_volume.home]`.
    """
    for name, value in _lists(workspace):
        if not isinstance(value, ListValue):
            message = f"{name} must be a list"
            yield this.finding(value.path, value.span, message, help=_ADVICES[name])
            continue
        for element in value.elements:
            finding = _judged(this, name, element)
            if finding:
                yield finding


def _lists(workspace: Workspace) -> Iterator[tuple[str, Expression]]:
    for top in workspace.top_blocks:
        for name in ("depends_on", *_IN_LIFECYCLE):
            inner = [block for block in top.blocks if block.type == "lifecycle"]
            for block in inner if name in _IN_LIFECYCLE else [top]:
                value = block.value(name)
                is_all = isinstance(value, Traversal) and value.root == "all" and not value.steps
                if value and not (is_all and name == "ignore_changes"):
                    yield name, value


def _judged(this: Rule, name: str, element: Expression) -> Finding | None:
    match element:
        case Traversal() if not element.children or len(element.steps) == len(element.postfixes):
            return None
        case Traversal() if name == "replace_triggered_by" and all(
            isinstance(key, Traversal) and key.root in _INSTANCE for key in element.children
        ):
            return None
        case Text(value=str() as quoted) if "." in quoted or name == "ignore_changes":
            return this.finding(
                element.path,
                element.span,
                f'"{quoted}" in quotes is a way of Terraform 0.11',
                help=f"write {quoted} without quotes",
                severity=Severity.WARNING,
            )
    message = f"this cannot stand in {name}"
    return this.finding(element.path, element.span, message, help=_ADVICES[name])
