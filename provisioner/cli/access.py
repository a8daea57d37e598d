"""`provisioner access`: which auth mode a session gets, and why."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.access_files import (
    MODES,
    PROFILES,
    access_in,
    access_option,
    beside,
    profiles_in,
    usage_in,
)
from provisioner.errors import InputError, OutputError

if TYPE_CHECKING:
    from provisioner.access.model import Resolved
    from provisioner.access.profile import Context, Profile
    from provisioner.knowledge.version import Version

__all__ = ["command"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("access")
def command() -> None:
    """Who may use which model, paid by whom, running where.

    \b
    Examples:
      provisioner access resolve --profile default --explain
      provisioner access resolve --profile default -o provisioner.toml
    """


@command.command("resolve")
@access_option
@click.option("--profile", "name", metavar="NAME", help="Profile.  [default: the only one]")
@click.option("--project", default="", metavar="P", help="Project that the session is for.")
@click.option("--node", default="", metavar="N", help="Node that the session is for.")
@click.option("--worktype", default="", metavar="W", help="Kind of work that it does.")
@click.option("--model-id", metavar="ID", help="Model, in place of the profile's.")
@click.option("--mode", type=click.Choice(MODES), help="Mode to take, if it can be had.")
@click.option("--pool", default="", metavar="P", help="Only this pool, or pools of this provider.")
@click.option("--codex", metavar="VERSION", help="Codex to decide for.  [default: the newest]")
@click.option(
    "--usage",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What was spent, for caps and quotas: docs/access.md.",
)
@click.option("--date", "day", type=_DAY, help="Day to decide for.  [default: today]")
@click.option("--explain", is_flag=True, help="Show what each step took away.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "-o",
    "--output",
    "spec_file",
    type=click.Path(path_type=Path),
    metavar="SPEC",
    help="Write a spec that carries the mode out; one that differs is left alone.",
)
@click.option("--force", is_flag=True, help="Replace a spec that differs.")
@click.pass_context
def _resolve(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    access_file: Path | None,
    name: str | None,
    project: str,
    node: str,
    worktype: str,
    model_id: str | None,
    mode: str | None,
    pool: str,
    codex: str | None,
    usage: Path | None,
    day: datetime | None,
    explain: bool,
    output: str,
    spec_file: Path | None,
    force: bool,
) -> None:
    """Decide which auth mode a session gets, with model, effort, tier, window and pool.

    Policies of system, organization and project each take modes away; what they leave and the
    profile takes is put in order, and the first is used. The kind of work also chooses policies.
    Denied access ends with exit code 1 and the code and words of the last reason.

    \b
    Examples:
      provisioner access resolve --model-id gpt-5.5
      provisioner access resolve --access examples/access/access.toml --profile review --explain
      provisioner access resolve --profile review -o provisioner.toml
    """
    from provisioner.access.auth_mode import AuthMode
    from provisioner.access.model import Denied, Request
    from provisioner.access.profile import Context
    from provisioner.access.resolve import resolve_access
    from provisioner.access.shown import as_data, as_text, explained

    profile = _profile(access_file, name, Context(node, project, worktype), model_id)
    request = Request(
        profile=profile,
        codex=_version(codex),
        today=day.date() if day else date.today(),  # noqa: DTZ011 - the day where the user is
        project=project,
        workload=worktype,
        mode=AuthMode(mode) if mode else None,
        pool=pool,
        ledger=usage_in(usage),
    )
    outcome = resolve_access(*access_in(access_file), request)
    if output == "json":
        click.echo(json.dumps(as_data(outcome), indent=2, ensure_ascii=False))
    elif explain:
        click.echo("\n".join(explained(outcome.steps)))
    if isinstance(outcome, Denied):
        click.echo(f"{outcome.code}: {outcome.message}", err=True)
        ctx.exit(1)
    if output == "text":
        click.echo(as_text(outcome))
    if spec_file:
        _write_spec(spec_file, outcome, profile.name, force=force)


def _profile(
    access_file: Path | None, name: str | None, context: Context, model_id: str | None
) -> Profile:
    from dataclasses import replace

    from provisioner.access.profile import Profile, ProfileError, profile_for

    path = beside(access_file, PROFILES)
    profiles = profiles_in(path)
    names = tuple(dict.fromkeys(profile.name for profile in profiles))
    if name is None and len(names) == 1:
        name = names[0]
    if name is None:
        if model_id is None:
            there = f"there are: {', '.join(names)}" if names else f"{path} has none"
            raise click.UsageError(f"say which profile, or which model: --profile NAME; {there}")
        return Profile("no profile", model_id=model_id)
    try:
        profile, _ = profile_for(profiles, name, context)
    except ProfileError as error:
        raise InputError(f"{path}: {error}") from error
    return replace(profile, model_id=model_id) if model_id else profile


def _version(text: str | None) -> Version:
    from provisioner.knowledge.codex import newest_codex, oldest_codex
    from provisioner.knowledge.version import Version

    try:
        version = Version.parse(text) if text else newest_codex()
    except ValueError as error:
        raise InputError(f"--codex: {error}") from error
    if version < oldest_codex() or len(version.parts) != len(oldest_codex().parts):
        raise InputError(f'--codex: "{text}" is no version from {oldest_codex()} on')
    return version


def _write_spec(path: Path, resolved: Resolved, profile: str, *, force: bool) -> None:
    from provisioner.access.spec_text import spec_text, without_template
    from provisioner.cli.output_file import write_file
    from provisioner.spec.load import parse_spec, read_text

    text = spec_text(resolved, profile)
    parse_spec(text, str(path))
    if path.exists() and not force and read_text(path) != text:
        raise OutputError(f"{path} is there and differs; --force replaces it")
    write_file(path, text)
    click.echo(f"wrote {path}", err=True)
    if words := without_template(resolved):
        click.echo(f"note: {words}", err=True)
