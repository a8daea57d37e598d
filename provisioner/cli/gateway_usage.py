"""`provisioner gateway usage`: interceptions and tokens added up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_options import (
    client_options,
    search_option,
)

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]


@click.command("usage")
@client_options
@click.option(
    "--by",
    type=click.Choice(["client", "day", "model", "provider", "provider_name", "user"]),
    default="user",
    show_default=True,
    help="What to add up by.",
)
@search_option
@format_option
def command(
    *,
    client: ManagementClient,
    by: str,
    search: str,
    output_format: str,
) -> None:
    """Add up interceptions and tokens; whoever used most comes first.

    \b
    Example:
      provisioner gateway usage
      provisioner gateway usage --by day --search 'model:gpt-5.5' --format json
    """
    from provisioner.gateway.management.client import path_of
    from provisioner.gateway.management.tables import usage_text

    told = client.ask("GET", path_of("aibridge", "usage"), {"by": by, "q": search})
    click.echo(json.dumps(told, indent=2) if output_format == "json" else usage_text(told))
