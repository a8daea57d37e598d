"""Which names a template folder declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from provisioner.syntax.hcl_model import Attribute, Block, Expression

__all__ = ["Declared"]

_LABELS = 2


class Declared(Struct, frozen=True):
    """Variables and locals with their expressions, and the addresses of everything else."""

    variables: Mapping[str, Block]
    locals: Mapping[str, Expression]
    modules: frozenset[str]
    data: frozenset[tuple[str, str]]
    resources: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> Declared:
        """Collect from top-level blocks."""
        variables, modules, values = dict[str, Block](), set(), dict[str, Attribute]()
        data, resources = set[tuple[str, str]](), set[tuple[str, str]]()
        for block in blocks:
            if block.type == "check":  # Its data source has a name that others may not use.
                data.update(
                    (inner.names[0], inner.names[1])
                    for inner in block.blocks
                    if inner.type == "data" and len(inner.names) == _LABELS
                )
            match block.type, block.names:
                case "variable", (name,):
                    variables[name] = block
                case "module", (name,):
                    modules.add(name)
                case "data", (kind, name):
                    data.add((kind, name))
                case "resource", (kind, name):
                    resources.add((kind, name))
                case "locals", ():
                    values |= block.attributes
        return cls(
            variables,
            {name: attribute.expression for name, attribute in values.items()},
            frozenset(modules),
            frozenset(data),
            frozenset(resources),
        )
