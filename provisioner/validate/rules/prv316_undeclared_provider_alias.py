"""PRV316."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression, ObjectValue, Text, Traversal
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_provider_alias"]


@rule("PRV316", "undeclared-provider-alias", Severity.ERROR)
def undeclared_provider_alias(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A provider configuration that is chosen by an alias no `provider` block has.

    What it does:
        Compares `provider = name.alias` of resources and data sources, and the values of
        `providers` of modules, with the aliases of `provider` blocks and with
        `configuration_aliases`.

    Why:
        `terraform init` ends with `Provider configuration not present` or a similar error.

    Use instead:
        A `provider` block with that `alias`, or the default configuration.
    """
    if not workspace.is_whole:
        return
    declared = _declared(workspace)
    aliases: dict[str, set[str]] = {}
    for owner, other in declared:
        aliases.setdefault(owner, set()).add(other)
    for chosen in _chosen(workspace):
        match chosen:
            case Traversal(root=name, steps=(str() as alias,)) if (name, alias) not in declared:
                others = aliases.get(name, set())
                yield this.finding(
                    chosen.path,
                    chosen.span,
                    f'no provider "{name}" has the alias "{alias}"',
                    help=did_you_mean(alias, others) or f'add provider "{name}" with that alias',
                )


def _declared(workspace: Workspace) -> set[tuple[str, str]]:
    found = {
        (item.name, alias) for item in requirements(workspace.top_blocks) for alias in item.aliases
    }
    for block in workspace.blocks("provider"):
        alias = block.value("alias")
        if isinstance(alias, Text) and alias.value is not None and block.names:
            found.add((block.names[0], alias.value))
    return found


def _chosen(workspace: Workspace) -> Iterator[Expression]:
    for block in workspace.top_blocks:
        if block.type in {"resource", "data"} and (value := block.value("provider")):
            yield value
        elif block.type == "module" and isinstance(given := block.value("providers"), ObjectValue):
            yield from (item.value for item in given.items)
