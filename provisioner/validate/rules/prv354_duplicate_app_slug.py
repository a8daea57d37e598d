"""PRV354."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock
from provisioner.validate.coder_references import repeated
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_app_slug"]


@rule("PRV354", "duplicate-app-slug", Severity.ERROR)
def duplicate_app_slug(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two apps of one slug.

    What it does:
        Compares `slug` of all `coder_app` resources, those of one with `count` or `for_each`
        among themselves, whatever agent they belong to. Where only Terraform knows how many there
        are, it is left alone.

    Why:
        The template cannot be pushed: `duplicate app slug, they must be unique per template`.

    Use instead:
        A slug of its own for each; what users read is `display_name`.
    """

    def slug(item: CoderBlock) -> object:
        return workspace.evaluator.text(item.block.value("slug"))

    for item, first in repeated(workspace, "coder_app", slug):
        attribute = item.block.attributes["slug"]
        who = "each app of this block" if item is first else first.address
        yield this.finding(
            attribute.path,
            attribute.expression.span,
            f'the app slug "{slug(item)}" is also that of {who}',
            help="give every app a slug of its own",
        )
