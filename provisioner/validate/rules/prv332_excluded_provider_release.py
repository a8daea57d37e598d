"""PRV332."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.knowledge.version import Constraint, Version
from provisioner.validate.coder_blocks import CoderBlock, coder_blocks
from provisioner.validate.required_provider import coder_constraints, excludes
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["excluded_provider_release"]


@rule("PRV332", "excluded-provider-release", Severity.ERROR)
def excluded_provider_release(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument, block or type newer than every release of the Coder provider that is allowed.

    What it does:
        Compares the release in which each part of the Coder provider appeared with the version
        constraint in `required_providers`. A constraint that allows some release that has it is
        fine: `terraform init` selects the newest.

    Why:
        `terraform plan`, and so every workspace build, ends with `Unsupported argument`,
        `Unsupported block type` or `Invalid resource type`.

    Use instead:
        A constraint that allows the release, such as `~> 2.12`.
    """
    constraints = coder_constraints(workspace)
    for top in coder_blocks(workspace) if constraints else ():
        for path, span, what, since, constraint in _excluded(top, constraints):
            yield this.finding(
                path,
                span,
                f"{what} exists since release {since} of the Coder provider, "
                f'which "{constraint.text}" does not allow',
                help=f'require "~> {since.parts[0]}.{since.parts[1]}" in required_providers',
            )


_Excluded = tuple[str, Span, str, Version, Constraint]


def _excluded(item: CoderBlock, constraints: tuple[Constraint, ...]) -> Iterator[_Excluded]:
    """Yield the block itself, or what in it is too new."""
    constraint, since = _against(constraints, item.limits.since), item.limits.since
    if constraint and since:
        yield item.block.path, item.header_span, item.title, since, constraint
        return
    for attribute, _ in item.arguments:
        since = item.limits_of(attribute.name).since
        constraint = _against(constraints, since)
        if constraint and since:
            what = f'"{attribute.name}" of {item.title}'
            yield attribute.path, attribute.name_span, what, since, constraint
    for inner in item.nested:
        yield from _excluded(inner, constraints)


def _against(constraints: tuple[Constraint, ...], since: Version | None) -> Constraint | None:
    if since is None:
        return None
    return next((item for item in constraints if excludes(item, since)), None)
