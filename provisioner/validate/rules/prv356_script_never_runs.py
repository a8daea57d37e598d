"""PRV356."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock, settled_blocks
from provisioner.validate.evaluate import UNKNOWN
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["script_never_runs"]


@rule("PRV356", "script-never-runs", Severity.ERROR)
def script_never_runs(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A script that nothing starts, or that blocks a login before which it does not run.

    What it does:
        Looks for a `coder_script` with none of `run_on_start`, `run_on_stop` and `cron`, and for
        one with `start_blocks_login` but without `run_on_start`.

    Why:
        `terraform apply` of every workspace build ends with `at least one of "run_on_start",
        "run_on_stop", or "cron" must be set` or `"start_blocks_login" can only be set if
        "run_on_start" is "true"`.

    Use instead:
        `run_on_start = true`.
    """
    for item in settled_blocks(workspace, "coder_script"):
        start, stop, cron, blocks = (
            _known(workspace, item, name)
            for name in ("run_on_start", "run_on_stop", "cron", "start_blocks_login")
        )
        if not start and not stop and not cron:
            yield this.finding(
                item.block.path,
                item.header_span,
                f"nothing starts {item.address}",
                help='add "run_on_start", "run_on_stop" or "cron"',
            )
        elif not start and blocks in (True, "true"):
            attribute = item.block.attributes["start_blocks_login"]
            yield this.finding(
                attribute.path,
                attribute.name_span,
                f"{item.address} blocks the login but does not run at the start",
                help="add run_on_start = true, or remove start_blocks_login",
            )


def _known(workspace: Workspace, item: CoderBlock, name: str) -> object:
    """Return the value, `UNKNOWN` where something outside of the folder decides."""
    value = workspace.evaluator.value(item.block.value(name))
    sure = value.confidence is Confidence.HIGH
    return False if value.known == "false" else value.known if sure else UNKNOWN
