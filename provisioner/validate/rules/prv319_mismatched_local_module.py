"""PRV319."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.syntax.hcl_model import Block, Expression
from provisioner.validate.evaluate import UNKNOWN
from provisioner.validate.known import Failed
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.type_constraint import converted, type_constraint
from provisioner.validate.workspace import Workspace

__all__ = ["mismatched_local_module"]

_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})


@rule("PRV319", "mismatched-local-module", Severity.ERROR)
def mismatched_local_module(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A call of a module in a folder beside this one that does not fit the module.

    What it does:
        Reads the folder that `source` names and compares the arguments of the call with the
        variables of the module. A folder that is not there is reported too.

    Why:
        `terraform init` or `terraform plan`, and so every workspace build, ends with
        `Unreadable module directory`, `Unsupported argument` or `Missing required argument`.

    Use instead:
        The names of the variables that the module declares, and the path of its folder, relative
        to this one.
    """
    for call in workspace.module_calls:
        source = call.block.value("source")
        if source is None or call.source is None or call.source not in workspace.local_modules:
            continue
        folder = workspace.local_modules[call.source]
        if folder is None:
            message = f'there is no Terraform in "{call.source}"'
            advice = "the path is relative to the folder of this file"
            yield this.finding(source.path, source.span, message, help=advice)
        elif folder.is_whole:
            yield from _compared(this, workspace, call, folder)


def _compared(
    this: Rule, workspace: Workspace, call: ModuleCall, folder: Workspace
) -> Iterator[Finding]:
    block, variables = call.block, folder.declared.variables
    if block.value("version") is not None:
        version = block.attributes["version"]
        message = "a module in a folder has no version"
        yield this.finding(block.path, version.name_span, message, help="remove the argument")
    for name, attribute in block.attributes.items():
        if name not in variables and name not in _META_ARGUMENTS:
            yield this.finding(
                attribute.path,
                attribute.name_span,
                f'the module in "{call.source}" has no variable "{name}"',
                help=did_you_mean(name, variables)
                or f"there are {', '.join(sorted(variables)) or 'none'}",
            )
        elif name in variables and not _fits(workspace, attribute.expression, variables[name]):
            kind = variables[name].attributes["type"].expression
            text = kind.source.text[kind.start : kind.end]
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f'"{name}" is not of the type that the module in "{call.source}" wants',
                help=f"the type is {' '.join(text.split())}",
            )
    if block.path in workspace.broken_paths or is_override(block.path):
        return
    for name, variable in variables.items():
        if variable.value("default") is None and name not in block.attributes:
            message = f'the module in "{call.source}" needs the argument "{name}"'
            yield this.finding(block.path, block.header_span, message, help="add it")


def _fits(workspace: Workspace, value: Expression, variable: Block) -> bool:
    constraint = type_constraint(variable.value("type"))
    known = workspace.evaluator.value(value)
    if constraint is None or known.confidence is not Confidence.HIGH:
        return True
    try:
        converted(known.known, constraint, lambda _: UNKNOWN)
    except Failed:
        return False
    return True
