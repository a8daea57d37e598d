"""PRV305."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.terraform_core import reserved_variables
from provisioner.syntax.hcl_model import Block, Label
from provisioner.validate.core_blocks import core_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_name"]

_NAMED = frozenset(
    {"check", "data", "ephemeral", "module", "output", "resource", "run", "variable"},
)
_PROVIDERS = frozenset({"mock_provider", "provider"})
_PROVIDER = re.compile(r"[^\W_](?:[^\W_]|-(?!-)(?=[^\W_]))*")
_ADVICE = "a name starts with a letter or underscore and has only letters, digits, _ and -"


@rule("PRV305", "invalid-name", Severity.ERROR)
def invalid_name(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A block with a name that Terraform does not accept.

    What it does:
        Checks the labels of variables, outputs, modules, resources, data sources, checks,
        providers and test runs, and the variable names that Terraform keeps for itself.

    Why:
        Terraform stops at loading the configuration with `Invalid variable name` and the like,
        since nothing could refer to the block.

    Use instead:
        Letters, digits, underscores and dashes, with a letter or underscore first.
    """
    for block, schema in core_blocks(workspace):
        for label in block.labels[: len(schema.labels)]:
            problem = _problem(block, label)
            if problem:
                message, advice = problem
                yield this.finding(label.path, label.span, message, help=advice)


def _problem(block: Block, label: Label) -> tuple[str, str] | None:
    name = label.value
    if block.type in _PROVIDERS:
        return _provider_problem(name)
    if block.type not in _NAMED:
        return None
    if not _is_identifier(name):
        return f'"{name}" is no valid name', _ADVICE
    if block.type == "variable" and name in reserved_variables():
        message = f'no variable can be named "{name}": it means something in every module block'
        return message, "choose another name"
    return None


def _provider_problem(name: str) -> tuple[str, str] | None:
    if name != name.lower():
        return f'"{name}" is no valid provider name', f'write "{name.lower()}"'
    if not _PROVIDER.fullmatch(name):
        advice = "a provider name has only letters, digits and single dashes inside"
        return f'"{name}" is no valid provider name', advice
    return None


def _is_identifier(name: str) -> bool:
    """Say what HashiCorp's `ValidIdentifier` says: Unicode's identifiers, with dashes in them."""
    return name.replace("-", "_").isidentifier() and not name.startswith("-")
