"""Blocks of Terraform's own language, each with the schema that judges it."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.knowledge.terraform_core import CoreBlock, built_in, core_schema
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Block
from provisioner.validate.workspace import Workspace

__all__ = ["core_blocks", "core_documents", "title"]


def core_documents(workspace: Workspace) -> Iterator[tuple[HclDocument, CoreBlock]]:
    """Yield the template's files and test files with the schema of their top level.

    Of a file with syntax errors, what stands where is not sure.
    """
    for kind, documents in (("config", workspace.hcl), ("test", workspace.tests)):
        for document in documents:
            if document.source.path not in workspace.broken_paths:
                yield document, core_schema(kind)


def core_blocks(workspace: Workspace) -> Iterator[tuple[Block, CoreBlock]]:
    """Yield every block that Terraform's own schema knows, outer ones first."""
    for document, top in core_documents(workspace):
        waiting = [(block, top) for block in reversed(document.blocks)]
        while waiting:
            block, around = waiting.pop()
            schema = around.blocks.get(block.type)
            if schema and block.type in {"provisioner", "resource"} and block.names:
                schema = built_in().get(block.names[0], schema)
            if schema:
                yield block, schema
                waiting += [(inner, schema) for inner in reversed(block.blocks)]


def title(block: Block) -> str:
    """Name a block by its type and labels, as its header has them."""
    return " ".join([block.type, *(f'"{name}"' for name in block.names)])
