"""PRV314."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.knowledge.version import Constraint
from provisioner.syntax.hcl_model import Block, Expression, Text
from provisioner.validate.override_file import is_override
from provisioner.validate.provider_requirements import (
    Requirement,
    requirement_blocks,
    requirements,
)
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_requirement"]

_PART = r"[0-9A-Za-z](?:[0-9A-Za-z_-]*[0-9A-Za-z])?"
_SOURCE = re.compile(rf"(?:[\w.-]+(?::\d+)?/)?(?:{_PART}/)?{_PART}\Z")
_ARGUMENTS = frozenset({"configuration_aliases", "source", "version"})
_TEXTS = frozenset({"source", "version"})
_Problem = tuple[str, Span, str, str]


@rule("PRV314", "invalid-requirement", Severity.ERROR)
def invalid_requirement(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A requirement of a Terraform, provider or module version that nothing can meet.

    What it does:
        Reads `required_version`, `required_providers` and the `source` and `version` of modules:
        what is no constant, sources that are none, version constraints that cannot be read or
        exclude every version, unknown arguments, and a second `required_providers` block.

    Why:
        `terraform init` ends with an error, so that the template cannot be pushed.

    Use instead:
        `coder = { source = "coder/coder", version = "~> 2.12" }`.
    """
    for path, span, message, advice in _problems(workspace):
        yield this.finding(path, span, message, help=advice)


def _problems(workspace: Workspace) -> Iterator[_Problem]:
    for requirement in requirements(workspace.top_blocks):
        yield from _entry(requirement)
    for block in workspace.blocks("terraform"):
        yield from _constants(block, "required_version")
        yield from _version(block.value("required_version"))
    for block in workspace.blocks("module"):
        yield from _constants(block, "source", "version")
        yield from _version(block.value("version"))
    blocks = [*requirement_blocks(workspace.top_blocks)]
    for other in blocks[1:]:
        if not is_override(other.path):
            message = "the folder has required_providers already"
            advice = "put all requirements into one block"
            yield other.path, other.header_span, message, advice


def _constants(block: Block, *names: str) -> Iterator[_Problem]:
    for name in names:
        value = block.value(name)
        if value is not None and not (isinstance(value, Text) and value.value is not None):
            message = f'"{name}" is no constant text'
            advice = "write it out; Terraform reads it before there is any value"
            yield value.path, value.span, message, advice


def _entry(requirement: Requirement) -> Iterator[_Problem]:
    value = requirement.attribute.expression
    if requirement.items is None:
        if isinstance(value, Text):
            yield from _version(value)
        else:
            message = f'the requirement of "{requirement.name}" is no object'
            advice = f'write {requirement.name} = {{ source = "…", version = "…" }}'
            yield value.path, value.span, message, advice
        return
    for item in requirement.items.items:
        if item.name not in _ARGUMENTS:
            message = f'"{item.name}" cannot stand in a requirement'
            advice = "there are source, version and configuration_aliases"
            yield item.path, item.key.span, message, advice
        elif item.name in _TEXTS and not (isinstance(item.value, Text) and item.value.value):
            message = f'the {item.name} of "{requirement.name}" is no text'
            yield item.path, item.value.span, message, f'write {item.name} = "…"'
    source = requirement.text("source")
    if source and source.value is not None and not _SOURCE.match(source.value):
        message = f'"{source.value}" is no source of a Terraform provider'
        yield source.path, source.span, message, 'write "namespace/name", such as "coder/coder"'
    yield from _version(requirement.text("version"))


def _version(expression: Expression | None) -> Iterator[_Problem]:
    if not isinstance(expression, Text) or expression.value is None:
        return
    try:
        constraint = Constraint.parse(expression.value)
    except ValueError:
        message = f'"{expression.value}" is no version constraint'
        yield expression.path, expression.span, message, 'write one such as "~> 2.12"'
        return
    if not constraint.can_be_met:
        message = f'no version can meet "{expression.value}"'
        yield expression.path, expression.span, message, "the clauses exclude one another"
