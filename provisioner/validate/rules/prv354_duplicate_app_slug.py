"""PRV354."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_module import codex_module
from provisioner.validate.coder_blocks import CoderBlock, instances, settled_blocks
from provisioner.validate.coder_references import repeated
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["duplicate_app_slug"]

_HELP = "give every app a slug of its own"


@rule("PRV354", "duplicate-app-slug", Severity.ERROR)
def duplicate_app_slug(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Two apps of one slug.

    What it does:
        Compares `slug` of all `coder_app` resources, those of one with `count` or `for_each`
        among themselves, whatever agent they belong to, and with the app that the Codex module
        makes before release 5. Where only Terraform knows how many there are, it is left alone.

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
            help=_HELP,
        )
    yield from _like_the_modules(this, workspace)


def _like_the_modules(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Compare with the app that some releases of the Codex module make."""
    first: dict[str, str] = {}
    for call in workspace.codex_modules:
        app = codex_module().own_app(call.codex_release) if call.codex_release else None
        if app is None:
            continue
        name = f"module.{call.block.names[0]}" if call.block.names else "the Codex module"
        if app.slug in first:
            message = f'the app slug "{app.slug}" is that of {first[app.slug]} and of {name}'
            advice = 'call the module once, or require version = "~> 5.0"'
            yield this.finding(call.block.path, call.block.header_span, message, help=advice)
        first.setdefault(app.slug, name)
    for item in settled_blocks(workspace, "coder_app"):
        slug = workspace.evaluator.text(item.block.value("slug"))
        if slug in first and instances(workspace, item.block):
            attribute = item.block.attributes["slug"]
            message = f'the app slug "{slug}" is also that of the app that {first[slug]} makes'
            yield this.finding(attribute.path, attribute.expression.span, message, help=_HELP)
