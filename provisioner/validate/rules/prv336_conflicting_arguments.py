"""PRV336."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.syntax.hcl_model import Expression, Text
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["conflicting_arguments"]


@rule("PRV336", "conflicting-arguments", Severity.ERROR)
def conflicting_arguments(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Arguments of which the Coder provider takes only one, or none of those it needs one of.

    What it does:
        Looks for arguments and blocks that exclude each other, such as `command` and `url` of a
        `coder_app`, and for blocks without any of the arguments of which one must be there, such
        as `env` and `file` of a `coder_secret`. A value that may be null does not count.

    Why:
        `terraform plan`, and so every workspace build, ends with `Conflicting configuration
        arguments` or with what the provider says.

    Use instead:
        One of them.
    """
    for item in (item for top in settled_blocks(workspace) for item in top.all()):
        seen: set[frozenset[str]] = set()
        for name, path, span in _places(item):
            for other in item.limits_of(name).conflicts_with:
                pair = frozenset({name, other})
                if pair not in seen and _stands(workspace, item, name, other):
                    seen.add(pair)
                    yield this.finding(
                        path,
                        span,
                        f'"{name}" of {item.title} excludes "{other}"',
                        help=f'keep one of "{name}" and "{other}"',
                    )
        needed = item.limits.needs_one_of
        if needed and not any(item.has(name) for name in needed):
            names = " or ".join(f'"{name}"' for name in needed)
            yield this.finding(
                item.block.path,
                item.header_span,
                f"{item.title} has neither {names.replace(' or ', ' nor ')}",
                help=f"add {names}",
            )


def _places(item: CoderBlock) -> Iterator[tuple[str, str, Span]]:
    for name, attribute in item.block.attributes.items():
        yield name, attribute.path, attribute.name_span
    for block in item.block.blocks:
        yield block.type, block.path, block.header_span


def _stands(workspace: Workspace, item: CoderBlock, *names: str) -> bool:
    """Say whether all are there and surely not null; the SDK ignores what is not known."""
    return all(
        any(block.type == name for block in item.block.blocks)
        or _is_given(workspace, item.block.value(name))
        for name in names
    )


def _is_given(workspace: Workspace, expression: Expression | None) -> bool:
    known = workspace.evaluator.value(expression).known
    return isinstance(expression, Text) or isinstance(known, str | int | float | bool)
