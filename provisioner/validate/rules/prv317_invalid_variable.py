"""PRV317."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Block, Call, Expression, Literal, names_in
from provisioner.validate.evaluate import UNKNOWN
from provisioner.validate.known import Failed
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.type_constraint import (
    AnyType,
    Collection,
    MalformedType,
    ObjectType,
    Primitive,
    TupleType,
    Type,
    converted,
    read_type,
)
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_variable"]

_Problem = tuple[Expression, str, str]


@rule("PRV317", "invalid-variable", Severity.ERROR)
def invalid_variable(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A variable whose type is none, whose default is not of its type, or that nothing can be.

    What it does:
        Reads the type constraint, converts the default as Terraform does, those of `optional(…)`
        too, and looks for references and function calls in the default, for a null default
        with `nullable = false`, and for a condition that is false for every value or is about
        another one.

    Why:
        `terraform plan`, and so every workspace build, ends with `Invalid type specification`,
        `Invalid default value for variable`, `Variables not allowed`,
        `Invalid variable validation condition` or `Invalid value for variable`.

    Use instead:
        A type such as `list(string)` or `object({ name = string })`, and a constant of that type.
    """
    for block in workspace.blocks("variable"):
        for expression, message, advice in _problems(block, workspace):
            yield this.finding(expression.path, expression.span, message, help=advice)
        for condition in _conditions(block):
            if not _is_about(condition, block.names):
                yield this.finding(
                    condition.path,
                    condition.span,
                    f"the condition does not look at var.{block.names[0]}",
                    help="a condition judges the value of its own variable",
                )
        if any(_is_never_met(rules, workspace) for rules in block.blocks):
            yield this.finding(
                block.path,
                block.header_span,
                "no value meets the condition of this variable",
                help="correct the condition of its validation",
            )


def _conditions(block: Block) -> Iterator[Expression]:
    if len(block.names) == 1:
        for rules in block.blocks:
            condition = rules.value("condition") if rules.type == "validation" else None
            if condition is not None:
                yield condition


def _is_about(condition: Expression, names: tuple[str, ...]) -> bool:
    return any(name.root == "var" and name.steps[:1] == names for name in names_in(condition))


def _is_never_met(rules: Block, workspace: Workspace) -> bool:
    condition = rules.value("condition") if rules.type == "validation" else None
    try:
        return condition is not None and workspace.evaluator.for_every_value(condition) is False
    except Failed:
        return False


def _problems(block: Block, workspace: Workspace) -> Iterator[_Problem]:
    kind, default = block.value("type"), block.value("default")
    constraint: Type = AnyType()
    try:
        constraint = AnyType() if kind is None else read_type(kind, is_whole=True)
    except MalformedType as problem:
        yield problem.expression, str(problem), problem.advice
    for part, owner in [*_optional_defaults(constraint), (default, constraint)]:
        if part is not None:
            yield from _default(part, owner, workspace)
    if isinstance(default, Literal) and default.value is None:
        match block.value("nullable"):
            case Literal(value=False) if not is_override(block.path):
                yield default, "the default is null, and nullable is false", "remove one of the two"


def _default(default: Expression, constraint: Type, workspace: Workspace) -> Iterator[_Problem]:
    for name in names_in(default):
        yield name, "a default cannot refer to anything", "write a constant, or use a local value"
        return
    call = _call(default)
    if call is not None:
        yield call, "a default cannot call a function", "write its result, or use a local value"
        return
    evaluate = workspace.evaluator.value
    known = evaluate(default).known
    try:
        converted(known, constraint, lambda _: UNKNOWN)
    except Failed:
        yield (
            default,
            f"the default is not of the type {_title(constraint)}",
            "change one of the two",
        )


def _optional_defaults(constraint: Type) -> Iterator[tuple[Expression | None, Type]]:
    match constraint:
        case Collection(element=element):
            yield from _optional_defaults(element)
        case TupleType(elements=elements):
            for element in elements:
                yield from _optional_defaults(element)
        case ObjectType(attributes=attributes):
            for attribute in attributes.values():
                yield attribute.default, attribute.type
                yield from _optional_defaults(attribute.type)


def _call(expression: Expression) -> Call | None:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call):
            return part
        waiting += part.children
    return None


def _title(constraint: Type) -> str:
    match constraint:
        case Primitive(name=name):
            return name
        case Collection(name=name, element=element):
            return f"{name}({_title(element)})"
        case TupleType():
            return "tuple([…])"
        case ObjectType():
            return "object({…})"
    return "any"
