"""Which names a template folder declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from provisioner.syntax.hcl_model import Attribute, Block, Expression

__all__ = ["Declared"]


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
        data, resources = set(), set()
        for block in blocks:
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
