"""PRV302."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder_provider import BlockSchema, coder_block
from provisioner.knowledge.codex_module import codex_module
from provisioner.syntax.hcl_model import Block
from provisioner.validate.core_blocks import core_blocks, title
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["missing_required_argument"]


@rule("PRV302", "missing-required-argument", Severity.ERROR)
def missing_required_argument(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A block without an argument or a block that it must have.

    What it does:
        Checks calls of the Codex module against the inputs of the selected release, and the
        resources and data sources of the Coder provider, nested blocks included, against the
        provider's schema, and the blocks of Terraform's own language. A `dynamic` block counts as
        the block it makes.
        Override files and files that cannot be read to their end are left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Missing required argument`.

    Use instead:
        The same block with the argument.
    """
    missing = [
        *(item for call in workspace.codex_modules for item in _in_module(call)),
        *(item for kind in ("resource", "data") for item in _in_provider(workspace, kind)),
        *_in_terraform(workspace),
    ]
    for block, what in missing:
        if block.path in workspace.broken_paths or is_override(block.path):
            continue
        message = f"{_named(block)} lacks the required {what}"
        yield this.finding(block.path, block.header_span, message, help=f"add the {what}")


_Missing = tuple[Block, str]


def _named(block: Block) -> str:
    return title(block) if block.names else f'block "{block.type}"'


def _in_module(call: ModuleCall) -> Iterator[_Missing]:
    inputs = codex_module().inputs(call.codex_release) if call.codex_release else None
    for item in (inputs or {}).values():
        if item.required and item.name not in call.block.attributes:
            yield call.block, f'argument "{item.name}"'


def _in_provider(workspace: Workspace, kind: str) -> Iterator[_Missing]:
    for block in workspace.blocks(kind):
        schema = coder_block(kind, block.names[0]) if block.names else None
        if schema:
            yield from _in_block(block, schema)


def _in_terraform(workspace: Workspace) -> Iterator[_Missing]:
    for block, schema in core_blocks(workspace):
        for name in schema.required:
            if name not in block.attributes:
                yield block, f'argument "{name}"'
        there = {inner.type for inner in block.blocks}
        for name in schema.required_blocks:
            if name not in there:
                yield block, f'block "{name}"'


def _in_block(block: Block, schema: BlockSchema) -> Iterator[_Missing]:
    nested = list(_nested(block.blocks))
    for name in schema.required:
        if name not in block.attributes:
            yield block, f'argument "{name}"'
    for name in schema.required_blocks:
        if name not in {found for found, _ in nested}:
            yield block, f'block "{name}"'
    for name, inner in nested:
        if name in schema.blocks:
            yield from _in_block(inner, schema.blocks[name])


def _nested(blocks: Iterable[Block]) -> Iterator[tuple[str, Block]]:
    """Name the nested blocks; the body of a dynamic one is its `content`."""
    for block in blocks:
        if block.type != "dynamic":
            yield block.type, block
        elif block.names:
            yield from ((block.names[0], item) for item in block.blocks if item.type == "content")
