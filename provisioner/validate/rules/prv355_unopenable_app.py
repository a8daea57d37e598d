"""PRV355."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unopenable_app"]

_PROXIED = ("http://", "https://")


@rule("PRV355", "unopenable-app", Severity.WARNING)
def unopenable_app(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An app with nothing to open, or whose health is never known.

    What it does:
        Looks for a `coder_app` with neither `url` nor `command`, one whose `url` is neither
        http nor https although the workspace proxies it, and a `healthcheck` whose `interval` or
        `threshold` is not above 0, or whose `url` is empty.

    Why:
        The button in the dashboard leads nowhere; an app whose check never runs stays at
        "initializing".

    Use instead:
        `url = "http://localhost:8080"`, with `external = true` for an address such as
        `vscode://…` that the user's own machine opens.
    """
    for item in settled_blocks(workspace, "coder_app"):
        if not item.has("url") and not item.has("command"):
            yield this.finding(
                item.block.path,
                item.header_span,
                f'{item.address} has neither "url" nor "command"',
                help='add "url" or "command"',
            )
        external = workspace.evaluator.value(item.block.value("external")).known
        if external in (None, False):
            yield from _not_proxied(this, workspace, item, "url")
        for check in item.named("healthcheck"):
            yield from _not_proxied(this, workspace, check, "url")
            yield from _never_run(this, workspace, check)


def _not_proxied(
    this: Rule, workspace: Workspace, item: CoderBlock, name: str
) -> Iterator[Finding]:
    attribute = item.block.attributes.get(name)
    text = workspace.evaluator.text(attribute.expression) if attribute else None
    if attribute and text is not None and not text.lower().startswith(_PROXIED):
        yield this.finding(
            attribute.path,
            attribute.expression.span,
            f'"{name}" of {item.title} is no http or https URL',
            help="write it as http://localhost:PORT, or add external = true to the app",
        )


def _never_run(this: Rule, workspace: Workspace, check: CoderBlock) -> Iterator[Finding]:
    for name in ("interval", "threshold"):
        attribute = check.block.attributes.get(name)
        number = workspace.evaluator.value(attribute.expression).known if attribute else None
        if attribute and isinstance(number, int | float) and number <= 0:
            yield this.finding(
                attribute.path,
                attribute.expression.span,
                f'with "{name}" not above 0 the health of the app is never checked',
                help=f"set {name} to 1 or more, or remove the healthcheck",
            )
