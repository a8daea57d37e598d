"""PRV304."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.terraform_core import CoreBlock
from provisioner.syntax.hcl_model import Block
from provisioner.validate.core_blocks import core_blocks, core_documents, title
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unsupported_block"]

_ELSEWHERE = {
    "backend": 'it belongs inside a "terraform" block',
    "dynamic": "it belongs inside the block that it makes blocks for",
    "lifecycle": 'it belongs inside a "resource" or "data" block',
    "provisioner": 'it belongs inside a "resource" block',
    "required_providers": 'it belongs inside a "terraform" block',
    "var": 'a variable is declared with "variable", and a test sets it in "variables"',
}


@rule("PRV304", "unsupported-block", Severity.ERROR)
def unsupported_block(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A block that Terraform does not have, or that cannot stand in this place.

    What it does:
        Compares the blocks of the template and of its tests, and the number of their labels, with
        Terraform's own language, as 1.11.4 has it. The blocks inside resources, data sources and
        providers are for their providers to judge. Files with
        syntax errors are left alone.

    Why:
        Terraform stops at loading the configuration with `Unsupported block type`, and so does
        every push and every workspace build.

    Use instead:
        The block that was meant, in its place, with the labels that it needs.
    """
    for document, schema in core_documents(workspace):
        for block in document.blocks:
            if schema.refuses_block(block.type):
                yield _refused(this, block, "at the top of a file", schema)
    for block, schema in core_blocks(workspace):
        for inner in block.blocks:
            if schema.refuses_block(inner.type):
                yield _refused(this, inner, f'in a "{block.type}" block', schema)
        yield from _labels(this, block, schema)


def _refused(this: Rule, block: Block, where: str, schema: CoreBlock) -> Finding:
    span = block.source.span(block.start, block.start + len(block.type))
    names = sorted(schema.blocks)
    if schema.has_no_blocks:
        advice = f'write "{block.type} = {{ … }}" if it is a value'
    elif block.type in schema.reserved:
        advice = "Terraform keeps this name for itself"
    elif schema.labels or block.type not in _ELSEWHERE:
        advice = did_you_mean(block.type, names)
        if not advice:
            advice = f"the blocks here are {', '.join(names)}" if names else "remove it"
    else:
        advice = _ELSEWHERE[block.type]
    return this.finding(
        block.path, span, f'a block "{block.type}" cannot stand {where}', help=advice
    )


def _labels(this: Rule, block: Block, schema: CoreBlock) -> Iterator[Finding]:
    wanted = schema.labels
    header = " ".join([block.type, *(f'"{name.upper()}"' for name in wanted), "{ … }"])
    if len(block.labels) < len(wanted):
        missing = " and ".join(f"its {name}" for name in wanted[len(block.labels) :])
        message = f"{title(block)} lacks {missing}"
        yield this.finding(block.path, block.header_span, message, help=f"write {header}")
    elif len(block.labels) > len(wanted):
        label = block.labels[len(wanted)]
        message = f'the label "{label.value}" is one too many for a "{block.type}" block'
        yield this.finding(block.path, label.span, message, help=f"write {header}")
