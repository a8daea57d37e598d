"""PRV312."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.terraform_functions import Arity, terraform_functions
from provisioner.syntax.hcl_model import Call, Expression
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_function_call"]

_PREFIX = "provider::"


@rule("PRV312", "invalid-function-call", Severity.ERROR)
def invalid_function_call(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A function that Terraform does not have, or a call with too few or too many arguments.

    What it does:
        Compares every call with the functions of Terraform 1.11. Of the functions of a Terraform
        provider (`provider::name::function`) it looks whether the provider is required. Type
        constraints are left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Call to unknown function`,
        `Unknown provider function`, `Not enough function arguments` or
        `Too many function arguments`.

    Use instead:
        A function of the documentation, with its arguments.
    """
    functions = terraform_functions()
    required = None
    if workspace.is_whole:
        required = frozenset(item.name for item in requirements(workspace.top_blocks))
    for call in _calls(workspace):
        name = call.name.removeprefix("core::")
        if name.startswith(_PREFIX):
            problem, advice = _of_provider(name, required)
            if problem:
                yield this.finding(call.path, call.name_span, problem, help=advice)
            continue
        arity = functions.get(name)
        problem = f'there is no function "{name}"' if arity is None else _miscount(call, arity)
        if problem:
            advice = did_you_mean(name, functions) if arity is None else ""
            yield this.finding(call.path, call.name_span, problem, help=advice)


def _of_provider(name: str, required: frozenset[str] | None) -> tuple[str, str]:
    """Say what is wrong with the name of a provider's function, and what to do."""
    provider, _, function = name.removeprefix(_PREFIX).partition("::")
    if not function or "::" in function:
        return f'"{name}" is no function', "write provider::name::function"
    if required is None or provider in required:
        return "", ""
    problem = f'there is no function "{name}": the folder requires no provider "{provider}"'
    return problem, f"add {provider} to required_providers"


def _calls(workspace: Workspace) -> Iterator[Call]:
    for top in workspace.top_blocks:
        for block in top.descend():
            for attribute in block.attributes.values():
                if (block.type, attribute.name) != ("variable", "type"):
                    yield from _calls_in(attribute.expression)


def _calls_in(expression: Expression) -> Iterator[Call]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call):
            yield part
        waiting += reversed(part.children)


def _miscount(call: Call, arity: Arity) -> str:
    given = len(call.arguments)
    most = "any number of" if arity.most is None else str(arity.most)
    wanted = most if arity.most == arity.fewest else f"{arity.fewest} or more"
    noun = "argument" if wanted == "1" else "arguments"
    too_few = given < arity.fewest and not call.is_expanded
    too_many = arity.most is not None and given - call.is_expanded > arity.most
    if too_few or too_many:
        return f"{call.name} takes {wanted} {noun}, and {given} {_are(given)} given"
    return ""


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
