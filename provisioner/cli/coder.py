"""`provisioner coder`: templates and workspaces on a Coder deployment."""

from __future__ import annotations

import click

from provisioner.cli import coder_check, coder_push, coder_workspace

__all__ = ["command"]


@click.group("coder")
def command() -> None:
    """Bring a template to a Coder deployment, and run workspaces of it.

    The deployment is --url, CODER_URL, or the one that the `coder` CLI is logged in to. The session
    token is taken from CODER_SESSION_TOKEN, or from the CLI where it is for that deployment, or
    asked for on a terminal; it is never an option.

    \b
    Example:
      provisioner coder check
      provisioner coder push
      provisioner coder create my-workspace --template docker-codex
      provisioner coder status my-workspace
    """


command.add_command(coder_check.command)
command.add_command(coder_push.command)
command.add_command(coder_workspace.create)
command.add_command(coder_workspace.start)
command.add_command(coder_workspace.status)
command.add_command(coder_workspace.stop)
