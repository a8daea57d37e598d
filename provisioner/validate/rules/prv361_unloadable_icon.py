"""PRV361."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unloadable_icon"]

_LOADED = ("/", "data:", "http://", "https://")


@rule("PRV361", "unloadable-icon", Severity.WARNING)
def unloadable_icon(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An icon that the dashboard looks for beside the page it shows.

    What it does:
        Looks at every `icon` of the Coder provider's blocks: a URL, a path from the root of the
        Coder server, or a `data:` URL can be loaded from any page.

    Why:
        A name such as `code.svg` is taken as relative to the address of the page, so the
        dashboard shows a broken picture.

    Use instead:
        `/icon/code.svg`, an emoji such as `/emojis/1f4bb.png`, or a whole URL.
    """
    for item in (item for top in coder_blocks(workspace) for item in top.all()):
        attribute = item.block.attributes.get("icon")
        value = workspace.evaluator.value(attribute.expression) if attribute else None
        if attribute and value and value.text and not value.text.lower().startswith(_LOADED):
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f'the icon "{value.text}" has no path that can be loaded',
                help="write it as /icon/NAME.svg, or as a whole URL",
                confidence=value.confidence,
            )
