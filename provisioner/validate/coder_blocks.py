"""The blocks of the Coder provider in a folder, each beside its schema and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.finding import Span
from provisioner.knowledge.coder_limits import Limits, limits_of
from provisioner.knowledge.coder_provider import AttributeSchema, BlockSchema, coder_block
from provisioner.syntax.hcl_model import Attribute, Block, Literal, Traversal
from provisioner.validate.override_file import is_override
from provisioner.validate.workspace import Workspace

__all__ = ["CoderBlock", "coder_blocks", "instances", "settled_blocks"]

_STARTED = ("start_count",)


@dataclass(frozen=True, slots=True)
class CoderBlock:
    """One block, or one nested in it; `path` is such as `resource.coder_agent.metadata`.

    The body of a `dynamic` block is that of the blocks it makes; `is_dynamic` tells it apart.
    """

    block: Block
    schema: BlockSchema
    path: str
    is_dynamic: bool = False

    @property
    def type_name(self) -> str:
        """The type of the resource or data source, or of the nested block."""
        return self.path.rpartition(".")[2]

    @property
    def title(self) -> str:
        """How messages call it."""
        kind, *names = self.path.split(".")
        return f'{kind} "{names[0]}"' if len(names) == 1 else f'block "{names[-1]}"'

    @property
    def address(self) -> str:
        """The address that references use, such as `data.coder_parameter.size`."""
        prefix = "data." if self.path.startswith("data.") else ""
        return prefix + ".".join(self.block.names)

    @property
    def header_span(self) -> Span:
        """Where its type and labels stand."""
        return self.block.header_span

    @property
    def limits(self) -> Limits:
        """What is asked of the block itself."""
        return limits_of(self.path)

    def limits_of(self, name: str) -> Limits:
        """Return what is asked of an argument or nested block."""
        return limits_of(f"{self.path}.{name}")

    @property
    def arguments(self) -> Iterator[tuple[Attribute, AttributeSchema]]:
        """The arguments that the schema knows."""
        for name, attribute in self.block.attributes.items():
            if name in self.schema.attributes:
                yield attribute, self.schema.attributes[name]

    @property
    def nested(self) -> Iterator[CoderBlock]:
        """The blocks directly inside that the schema knows."""
        for inner in self.block.blocks:
            if inner.type in self.schema.blocks:
                yield self._inner(inner.type, inner, self.is_dynamic)
            elif inner.type == "dynamic" and inner.names and inner.names[0] in self.schema.blocks:
                for content in inner.blocks:
                    if content.type == "content":
                        yield self._inner(inner.names[0], content, is_dynamic=True)

    def named(self, name: str) -> tuple[CoderBlock, ...]:
        """Return the nested blocks of one type."""
        return tuple(inner for inner in self.nested if inner.type_name == name)

    def has(self, name: str) -> bool:
        """Say whether an argument or nested block stands here, and is not plainly null."""
        if any(inner.type_name == name for inner in self.nested):
            return True
        value = self.block.value(name)
        return value is not None and not (isinstance(value, Literal) and value.value is None)

    def all(self) -> Iterator[CoderBlock]:
        """Yield this block and every one inside."""
        yield self
        for inner in self.nested:
            yield from inner.all()

    def _inner(self, name: str, block: Block, is_dynamic: bool) -> CoderBlock:  # noqa: FBT001
        return CoderBlock(block, self.schema.blocks[name], f"{self.path}.{name}", is_dynamic)


def coder_blocks(workspace: Workspace, *type_names: str) -> Iterator[CoderBlock]:
    """Yield the resources and data sources of the Coder provider, override files included."""
    for block in workspace.top_blocks:
        if block.type in {"resource", "data"} and len(block.names) == 2:
            schema = coder_block(block.type, block.names[0])
            if schema and (not type_names or block.names[0] in type_names):
                yield CoderBlock(block, schema, f"{block.type}.{block.names[0]}")


def settled_blocks(workspace: Workspace, *type_names: str) -> Iterator[CoderBlock]:
    """Yield those whose whole text is known: no override file and no broken file has a part."""
    found = list(coder_blocks(workspace, *type_names))
    overridden = {item.address for item in found if is_override(item.block.path)}
    for item in found:
        if item.block.path not in workspace.broken_paths and item.address not in overridden:
            yield item


def instances(workspace: Workspace, block: Block) -> int | None:
    """Return how many there are of a resource while the workspace runs, None if that is open."""
    if "for_each" in block.attributes:
        known = workspace.evaluator.value(block.value("for_each")).known
        return len(known) if isinstance(known, list | dict) else None
    count = block.value("count")
    if count is None:
        return 1
    if isinstance(count, Traversal) and count.steps[-1:] == _STARTED:
        return 1
    known = workspace.evaluator.value(count).known
    return known if isinstance(known, int) and not isinstance(known, bool) else None
