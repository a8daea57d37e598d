"""PRV310."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.syntax.hcl_model import Block, Piece, Text
from provisioner.validate.core_blocks import core_blocks, title
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_declaration"]

_BACKENDS = frozenset({"backend", "cloud"})
_LABELS = {"check": 1, "data": 2, "ephemeral": 2, "module": 1, "output": 1, "resource": 2}
_LABELS |= {"variable": 1}


@rule("PRV310", "duplicate-declaration", Severity.ERROR)
def duplicate_declaration(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two blocks or local values with the same name, or two blocks where one can be.

    What it does:
        Compares the names of variables, local values, outputs, modules, resources, data sources,
        checks and provider configurations, across the files of the folder, and finds a second
        `lifecycle` in a block and a second `backend` in the folder. Override files are left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Duplicate …`. The two often
        stand in different files.

    Use instead:
        One of the two, or another name.
    """
    first = dict[str, Piece]()
    for address, piece, span in _declared(workspace):
        if is_override(piece.path):
            continue
        known = first.setdefault(address, piece)
        if known is not piece:
            where = f"{known.path}:{known.span.start.line}"
            yield this.finding(
                piece.path,
                span,
                f"{address} is already declared in {where}",
                help="remove one of the two, or rename it",
            )
    for block, schema in core_blocks(workspace):
        for name in schema.single:
            for extra in [inner for inner in block.blocks if inner.type == name][1:]:
                yield this.finding(
                    extra.path,
                    extra.header_span,
                    f'{title(block)} has a block "{name}" already',
                    help="put the arguments of both into one",
                )


def _declared(workspace: Workspace) -> Iterator[tuple[str, Piece, Span]]:
    for block in workspace.top_blocks:
        if block.type == "locals":
            for name, attribute in block.attributes.items():
                yield f"local.{name}", attribute, attribute.name_span
        elif block.type == "provider" and len(block.names) == 1:
            address = _provider(block)
            if address:
                yield address, block, block.header_span
        elif block.type == "terraform":
            for inner in block.blocks:
                if inner.type in _BACKENDS:
                    yield "the backend", inner, inner.header_span
        elif len(block.names) == _LABELS.get(block.type):
            yield f"{block.type} {'.'.join(block.names)}", block, block.header_span


def _provider(block: Block) -> str:
    match block.value("alias"):
        case None:
            return f"provider {block.names[0]} without an alias"
        case Text(value=str() as alias):
            return f"provider {block.names[0]}.{alias}"
    return ""
