"""`provisioner codex`: the configuration of Codex itself."""

from __future__ import annotations

import json
from pathlib import Path

import click

from provisioner.cli.codex_apply import apply_command, undo_command
from provisioner.cli.codex_check import check_command
from provisioner.cli.codex_options import chosen_plan, setup_facts, setup_options

__all__ = ["command"]


@click.group("codex")
def command() -> None:
    """Configuration of the Codex CLI itself, outside a workspace.

    \b
    Examples:
      provisioner codex check
      provisioner codex apply --flow byok --gateway-url https://coder.example.com
      provisioner codex undo
    """


@command.command("config")
@setup_options
@click.option("--format", "output", type=click.Choice(["toml", "json"]), default="toml")
def config(spec: Path | None, *, output: str, **options: str | None) -> None:
    """Print the config.toml, the environment and the login a Codex needs.

    Options win over SPEC. Without SPEC, ./provisioner.toml is read if there is one. Outside a
    workspace the gateway token comes from `coder tokens create`.

    \b
    Examples:
      provisioner codex config --flow byok --gateway-url https://coder.example.com
      provisioner codex config examples/chatgpt.toml --gateway-url https://coder.example.com
    """
    from provisioner.render.codex_setup import codex_setup

    setup = codex_setup(chosen_plan(spec, options))
    if output == "json":
        facts = {"version": 1, "files": setup.files, **setup_facts(setup)}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(setup.as_toml(), nl=False)


command.add_command(apply_command)
command.add_command(undo_command)
command.add_command(check_command)
