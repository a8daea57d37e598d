"""PRV306."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.finding import Finding, Severity
from provisioner.knowledge.terraform_core import CoreBlock
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.core_blocks import core_blocks, core_documents
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_argument"]


@rule("PRV306", "unsupported-argument", Severity.ERROR)
def unsupported_argument(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument that a block of Terraform's own language does not have.

    What it does:
        Compares the arguments of variables, outputs, `terraform`, `lifecycle`, checks, `moved`,
        `import`, `removed` and of test files with Terraform's own language, as 1.11.4 has it.
        Arguments that newer releases have are accepted. What belongs to a provider or a module is
        left to it.

    Why:
        Terraform stops at loading the configuration with `Unsupported argument`, and so does every
        push and every workspace build.

    Use instead:
        The argument that was meant.
    """
    for document, schema in core_documents(workspace):
        yield from _unknown(this, document.attributes, schema, "the top of a file")
    for block, schema in core_blocks(workspace):
        yield from _unknown(this, block.attributes, schema, f'a "{block.type}" block')


def _unknown(
    this: Rule, attributes: Mapping[str, Attribute], schema: CoreBlock, where: str
) -> Iterator[Finding]:
    known = ", ".join(sorted(schema.arguments))
    for name in schema.unknown_arguments(attributes):
        attribute = attributes[name]
        if name in schema.reserved_arguments:
            advice = "Terraform keeps this name for itself"
        elif name in schema.blocks:
            advice = f'it is a block: write "{name} {{ … }}" without "="'
        else:
            advice = did_you_mean(name, schema.arguments)
            advice = advice or (f"the arguments are {known}" if known else "put it inside a block")
        yield this.finding(
            attribute.path, attribute.name_span, f'{where} has no argument "{name}"', help=advice
        )
