"""PRV333."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.knowledge.terraform_core import core_types
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.core_blocks import core_blocks
from provisioner.validate.evaluate import Unknown, Value
from provisioner.validate.go_values import is_number
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["wrong_argument_type"]

_BOOLS = frozenset({"true", "false", "1", "0"})
_ARTICLES = {"string": "a string", "number": "a number", "bool": "true or false"}


@rule("PRV333", "wrong-argument-type", Severity.ERROR)
def wrong_argument_type(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A value that Terraform cannot turn into the type of the argument.

    What it does:
        Compares the values of arguments of the Coder provider with the types of its schema, and
        those of Terraform's own blocks and of inputs of the Codex module with theirs, as far as
        they are known before Terraform runs. Conversions that Terraform makes are fine: a number
        for a string, `"10"` for a number. Null counts too for a required argument, and for an
        input of the Codex module that ends in a function which takes none.

    Why:
        `terraform plan`, and so every workspace build, ends with `Incorrect attribute value type`
        or `Missing required argument`.

    Use instead:
        A value of the type, such as `jsonencode(["a"])` for a list in a string.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        for attribute, schema in item.arguments:
            value = workspace.evaluator.value(attribute.expression)
            wanted = _ARTICLES.get(schema.type, f"a {schema.type}")
            is_sure = value.confidence is Confidence.HIGH
            if value.known is None and schema.required and is_sure:
                problem = f"is null, but {item.title} needs it"
            elif not _fits(value.known, schema.type):
                problem = f"is {_name(value.known)}, but {item.title} takes {wanted}"
            else:
                continue
            advice = _help(value.known, schema.type) or f"give it {wanted}"
            yield _reported(this, attribute, value, problem, advice)
    for block, core in core_blocks(workspace):
        for name in core.arguments & core_types().keys() & block.attributes.keys():
            expression = block.attributes[name].expression
            known, wanted = workspace.evaluator.value(expression).known, core_types()[name]
            if known is None or not _fits(known, wanted):
                yield this.finding(
                    block.path,
                    expression.span,
                    f'"{name}" is {_name(known)}, but a {block.type} takes {_ARTICLES[wanted]}',
                    help=f"give it {_ARTICLES[wanted]}",
                )
    yield from _module_inputs(this, workspace)


def _module_inputs(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    for call in workspace.codex_modules:
        for item, attribute in call.given_inputs:
            value = workspace.evaluator.value(attribute.expression)
            wanted = _ARTICLES.get(item.type, "a list of strings")
            if value.known is None and not item.nullable and value.confidence is Confidence.HIGH:
                problem = f"is null, and the Codex module {call.codex_release} cannot take that"
                advice = f"give it {wanted}" if item.required else "leave it out"
            elif not _fits(value.known, item.type):
                problem = f"is {_name(value.known)}, but the Codex module takes {wanted}"
                advice = f"give it {wanted}"
            else:
                continue
            yield _reported(this, attribute, value, problem, advice)


def _reported(this: Rule, attribute: Attribute, value: Value, problem: str, advice: str) -> Finding:
    return this.finding(
        attribute.path,
        attribute.expression.span,
        f'"{attribute.name}" {problem}',
        help=advice,
        confidence=value.confidence,
    )


def _fits(known: object, type_name: str) -> bool:
    if known is None or isinstance(known, Unknown):
        return True
    match type_name, known:
        case "list(string)", list():
            return all(_fits(item, "string") for item in known)
        case "map(string)", dict():
            return all(_fits(value, "string") for value in known.values())
        case (("list(string)" | "map(string)"), _):
            return False
    return _fits_primitive(known, type_name)


def _fits_primitive(known: object, type_name: str) -> bool:
    match type_name:
        case "string":
            return isinstance(known, str | bool | int | float)
        case "bool":
            return isinstance(known, bool) or (isinstance(known, str) and known in _BOOLS)
        case "number":
            return _is_plain(known) and not isinstance(known, bool) and is_number(str(known))
    return True


def _is_plain(known: object) -> bool:
    return isinstance(known, str | bool | int | float)


def _name(known: object) -> str:
    match known:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case dict():
            return "an object"
    return "a list"


def _help(known: object, type_name: str) -> str:
    if type_name == "string" and isinstance(known, list | dict):
        return "write it as text: jsonencode(…)"
    return ""
