"""A variables file → its document, with what Terraform accepts in a template but not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Call, Expression, names_in
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["read_tfvars"]


def read_tfvars(source: SourceText) -> HclDocument:
    """Read a `*.tfvars` file: only `name = value`, and only constant values."""
    document = HclDocument.read(source)
    return replace(document, problems=(*document.problems, *_problems(document)))


def _problems(document: HclDocument) -> Iterator[SyntaxProblem]:
    for block in document.blocks:
        span = block.source.span(block.start, block.start + len(block.type))
        advice = f'write "{block.type} = {{ … }}"; blocks belong in a .tf file'
        yield SyntaxProblem("a variables file cannot have blocks", span, advice)
    for attribute in document.attributes.values():
        for part in _not_constant(attribute.expression):
            if isinstance(part, Call):
                message = f'a variables file cannot call functions such as "{part.name}"'
            else:
                message = "a value in a variables file is constant, and this refers to another one"
            advice = 'write the value itself; text stands in quotes, and "$${" for "${" in it'
            yield SyntaxProblem(message, part.span, advice)


def _not_constant(expression: Expression) -> Iterator[Expression]:
    yield from names_in(expression)
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call):
            yield part
        waiting += reversed(part.children)
