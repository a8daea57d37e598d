"""`provisioner profile`: what sessions ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from provisioner.cli.access_files import (
    MODES,
    PROFILES,
    SCOPES,
    TIERS,
    access_option,
    beside,
    profiles_in,
)
from provisioner.errors import InputError

__all__ = ["command"]

_FORMAT = click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")


@click.group("profile")
def command() -> None:
    """Profiles: model, effort, service tier, context window and auth modes, by name and scope.

    \b
    Examples:
      provisioner profile create --name review --model-id gpt-5.6-sol --effort high
      provisioner profile show review --project web
    """


@command.command("list")
@access_option
@_FORMAT
def list_(*, access_file: Path | None, output: str) -> None:
    """List the profiles of the profile file, profiles.toml beside the access file.

    \b
    Example:
      provisioner profile list --format json
    """
    from provisioner.access.shown import profile_data

    profiles = profiles_in(beside(access_file, PROFILES))
    if output == "json":
        click.echo(json.dumps([profile_data(item) for item in profiles], indent=2))
        return
    for item in profiles:
        modes = "any" if item.auth_modes is None else ", ".join(item.auth_modes)
        based = f", based on {item.based_on}" if item.based_on else ""
        click.echo(f"{item.label}: {item.model_id or 'no model of its own'}, {modes}{based}")


@command.command("show")
@click.argument("name")
@access_option
@click.option("--project", default="", metavar="P", help="Project that the session is for.")
@click.option("--node", default="", metavar="N", help="Node that the session is for.")
@click.option("--worktype", default="", metavar="W", help="Kind of work that it does.")
@_FORMAT
def _show(
    *, name: str, access_file: Path | None, project: str, node: str, worktype: str, output: str
) -> None:
    """Show the profile that a session gets: the narrowest that fits, completed.

    \b
    Example:
      provisioner profile show review --project web
    """
    from provisioner.access.profile import Context, ProfileError, profile_for
    from provisioner.access.shown import profile_data

    path = beside(access_file, PROFILES)
    try:
        found, chain = profile_for(profiles_in(path), name, Context(node, project, worktype))
    except ProfileError as error:
        raise InputError(f"{path}: {error}") from error
    data = profile_data(found, chain)
    if output == "json":
        click.echo(json.dumps(data, indent=2))
        return
    config = data.pop("providerConfig")["openai"]
    for key, value in {**data, **config}.items():
        text = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{key:14} {'not set' if text is None else text}")


@command.command("create")
@access_option
@click.option("--name", required=True, help="What it is called.")
@click.option("--provider", metavar="P", help="Provider of the model: codex.")
@click.option("--model-id", metavar="ID", help="Model, by its id in the catalog.")
@click.option(
    "--auth-mode", "auth_modes", type=click.Choice(MODES), multiple=True, help="May be repeated."
)
@click.option("--scope", type=click.Choice(SCOPES), default="system-default", show_default=True)
@click.option("--project-id", metavar="P", help="For the scope project.")
@click.option("--node-id", metavar="N", help="For the scope node.")
@click.option("--worktype", metavar="W", help="For the scope system-worktype.")
@click.option("--based-on", metavar="NAME", help="Profile that completes it.")
@click.option("--effort", metavar="E", help="Reasoning effort.")
@click.option("--service-tier", type=click.Choice(TIERS), help="Service tier.")
@click.option("--context-window", type=click.IntRange(min=1), help="Tokens.")
def create(
    *,
    access_file: Path | None,
    auth_modes: tuple[str, ...],
    **options: Any,  # noqa: ANN401 - click hands over what each option holds
) -> None:
    """Add a profile to the profile file, profiles.toml beside the access file.

    \b
    Example:
      provisioner profile create --name review --provider codex --model-id gpt-5.6-sol \\
        --auth-mode metered --scope project --project-id web --effort high --service-tier flex
    """
    from provisioner.access.read import read_profiles
    from provisioner.cli.append_table import append_table

    path = beside(access_file, PROFILES)
    append_table(path, "profile", {**options, "auth_modes": list(auth_modes)}, read_profiles)
    click.echo(f'added profile "{options["name"]}" to {path}')
