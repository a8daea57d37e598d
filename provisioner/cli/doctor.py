"""`provisioner doctor`: check this machine and the live gateway before the first prompt."""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.launch_target import (
    codex_for,
    plan_for,
    private_home,
    spec_with,
    target_options,
)
from provisioner.errors import MissingToolError

if TYPE_CHECKING:
    from provisioner.doctor.model import Check
    from provisioner.launch.found_codex import FoundCodex
    from provisioner.launch.prepare import CodexHome

__all__ = ["command"]


@click.command("doctor")
@target_options
@click.option(
    "--codex-home",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Codex home with the login.  [default: the one of `provisioner launch`, if there is one "
    "already, or your own]",
)
@click.option(
    "--token-env",
    metavar="NAME",
    default="",
    help="Variable with the gateway token, when it is not the one that the config names.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1, max=300),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long one step on the network may take.",
)
@click.option(
    "--prompt",
    metavar="TEXT",
    default="",
    help="Send this through Codex as the last check. Nothing else costs anything.",
)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    spec: Path | None,
    *,
    codex: str | None,
    codex_path: Path | None,
    codex_home: Path | None,
    token_env: str,
    timeout: float,
    prompt: str,
    output: str,
    **options: str | None,
) -> None:
    """Check this machine and the live gateway, and say what to do about each thing that is wrong.

    Looks at Codex, the config it would get, the credentials and what would beat them, then asks
    the gateway: without credentials first, then for its list of models with those of the flow.
    Redirects are never followed. No check makes a model answer, unless --prompt is given.

    Exit codes: 0 nothing failed, 1 a check failed, 2 no verdict.

    \b
    Examples:
      provisioner doctor
      provisioner doctor examples/byok.toml --gateway-url https://coder.example.com
      provisioner doctor --token-env CODER_SESSION_TOKEN --prompt "Say hello." --format json
    """
    from provisioner.doctor.examine import examine
    from provisioner.doctor.model import Status
    from provisioner.doctor.patient import patient

    wanted = spec_with(spec, options)
    found: FoundCodex | None = None
    problem = ""
    try:
        found = codex_for(wanted, codex, codex_path)
    except MissingToolError as error:
        problem = str(error)
    plan = plan_for(wanted, found)
    given = {**options, "codex": codex, "codex_path": str(codex_path) if codex_path else None}
    who = patient(
        plan,
        found,
        _home(private_home(spec, plan, given), codex_home),
        os.environ,
        home_is_chosen=codex_home is not None,
        codex_problem=problem,
        token_env=token_env,
        seconds=timeout,
    )
    checks = examine(who, prompt)
    click.echo(_json(checks) if output == "json" else _text(checks))
    ctx.exit(1 if any(check.status is Status.FAILED for check in checks) else 0)


def _home(private: CodexHome, given: Path | None) -> CodexHome:
    """Return the home to examine, with the command that runs Codex in that very one."""
    from provisioner.launch.prepare import CodexHome, users_own_home

    launched_by = f"{private.launched_by} --home own"
    if given is not None:
        launched_by = f"CODEX_HOME={shlex.quote(str(given))} {launched_by}"
        return CodexHome(given, is_private=False, launched_by=launched_by)
    if private.folder.exists():
        return private
    return dataclasses.replace(users_own_home(os.environ), launched_by=launched_by)


def _json(checks: tuple[Check, ...]) -> str:
    rows = [
        {"id": check.id, "status": check.status.value, "seen": check.seen, "fix": check.fix}
        for check in checks
    ]
    return json.dumps({"version": 1, "checks": rows, "summary": _summary(checks)}, indent=2)


def _text(checks: tuple[Check, ...]) -> str:
    lines = []
    for check in checks:
        lines.append(f"{check.status.value:8}  {check.id:18}  {check.seen}")
        if check.fix:
            lines.append(f"{'':30}to do: {check.fix}")
    counted = ", ".join(f"{count} {status}" for status, count in _summary(checks).items() if count)
    return "\n".join([*lines, "", counted])


def _summary(checks: tuple[Check, ...]) -> dict[str, int]:
    counts = collections.Counter(check.status.value for check in checks)
    return {status: counts[status] for status in ("ok", "failed", "warning", "skipped")}
