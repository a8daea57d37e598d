"""`provisioner gateway session`: what the gateway recorded."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_options import (
    client_options,
    search_option,
)

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]

_SESSIONS = ("aibridge", "sessions")
_RECORDS = ("aibridge", "records")
_LIMIT = click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many to show at most.",
)


@click.group("session")
def command() -> None:
    """Look at what the gateway recorded.

    \b
    Example:
      provisioner gateway session list --limit 5
      provisioner gateway session export --format csv
    """


@command.command("list")
@client_options
@search_option
@_LIMIT
@click.option("--after", default="", metavar="ID", help="Go on after the session with this id.")
@format_option
def list_(
    *,
    client: ManagementClient,
    search: str,
    limit: int,
    after: str,
    output_format: str,
) -> None:
    """List the recorded sessions, newest first; a running gateway is not disturbed.

    \b
    Example:
      provisioner gateway session list --limit 5 --format json
      provisioner gateway session list --search 'initiator:ada started_after:2026-01-31T00:00:00Z'
    """
    query = {"q": search, "limit": str(limit), "after_session_id": after}
    told = _ask(client, _SESSIONS, query)
    from provisioner.gateway.management.tables import sessions_text

    click.echo(json.dumps(told, indent=2) if output_format == "json" else sessions_text(told))


@command.command("show")
@client_options
@click.argument("session_id", metavar="SESSION")
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=50,
    show_default=True,
    help="How many threads to show at most.",
)
@click.option("--after", default="", metavar="ID", help="Go on after the thread with this id.")
@format_option
def _show(
    *,
    client: ManagementClient,
    session_id: str,
    limit: int,
    after: str,
    output_format: str,
) -> None:
    """Show one session: its threads, what was asked and which tools the model called.

    \b
    Example:
      provisioner gateway session show 019a2f52-90e3-7a51-b2c5-3f4d5e6a7b8c
    """
    query = {"limit": str(limit), "after_id": after}
    told = _ask(client, (*_SESSIONS, session_id), query)
    from provisioner.gateway.management.tables import session_text

    click.echo(json.dumps(told, indent=2) if output_format == "json" else session_text(told))


@command.command("interceptions")
@client_options
@search_option
@_LIMIT
@click.option("--after", default="", metavar="ID", help="Go on after the request with this id.")
@format_option
def _interceptions(
    *,
    client: ManagementClient,
    search: str,
    limit: int,
    after: str,
    output_format: str,
) -> None:
    """List single requests that ended, newest first, with credential, status, tokens and tools.

    \b
    Example:
      provisioner gateway session interceptions --search client:Codex
    """
    query = {"q": search, "limit": str(limit), "after_id": after}
    told = _ask(client, _RECORDS, query)
    from provisioner.gateway.management.tables import interceptions_text

    click.echo(json.dumps(told, indent=2) if output_format == "json" else interceptions_text(told))


@command.command("export")
@client_options
@search_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="A JSON document a line, with all that is recorded, or a table of the numbers.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, for its owner only; it must not exist.  [default: standard output]",
)
def _export(
    *,
    client: ManagementClient,
    search: str,
    output_format: str,
    output: Path | None,
) -> None:
    """Write out all ended interceptions that fit, newest first; any number of them.

    JSON lines hold prompts and arguments of tools, CSV does not.

    \b
    Example:
      provisioner gateway session export --format csv -o usage.csv
      provisioner gateway session export --search started_before:2026-01-31T00:00:00Z
    """
    from provisioner.gateway.management.export import export_interceptions, new_file

    if output is None:
        export_interceptions(client, search, output_format, sys.stdout)
        return
    with new_file(output) as file:
        export_interceptions(client, search, output_format, file)


def _ask(
    client: ManagementClient,
    path: tuple[str, ...],
    query: dict[str, str],
) -> Any:  # noqa: ANN401 - a JSON document
    from provisioner.gateway.management.client import path_of

    return client.ask("GET", path_of(*path), query)
