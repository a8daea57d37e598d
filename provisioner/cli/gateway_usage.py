"""`provisioner gateway usage`: interceptions and tokens added up, or what organizations paid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from provisioner.cli.gateway_options import client_options, search_option

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]


@click.command("usage")
@client_options
@click.option(
    "--by",
    type=click.Choice(["client", "day", "model", "provider", "provider_name", "user"]),
    help="What to add up by.  [default: user]",
)
@search_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "access"]),
    default="text",
    show_default=True,
    help="How to print the result; `access` prints the usage file of access resolve.",
)
def command(
    *,
    client: ManagementClient,
    by: str | None,
    search: str,
    output_format: str,
) -> None:
    """Add up interceptions and tokens; whoever used most comes first.

    With `--format access` it is what the organization paid, by day and auth mode.

    \b
    Example:
      provisioner gateway usage
      provisioner gateway usage --by day --search 'model:gpt-5.5' --format json
      provisioner gateway usage --format access > usage.toml
    """
    from provisioner.gateway.management.client import path_of
    from provisioner.gateway.management.tables import usage_text

    if output_format == "access":
        if by or search:
            raise click.UsageError("--by and --search are not for --format access, which has all")
        click.echo(_usage_file(client), nl=False)
        return
    told = client.ask("GET", path_of("aibridge", "usage"), {"by": by or "user", "q": search})
    click.echo(json.dumps(told, indent=2) if output_format == "json" else usage_text(told))


def _usage_file(client: ManagementClient) -> str:
    from datetime import date
    from decimal import Decimal

    from provisioner.access.auth_mode import AuthMode
    from provisioner.access.pool import PoolProvider
    from provisioner.access.usage import Spending
    from provisioner.access.usage_text import usage_text
    from provisioner.gateway.management.client import path_of

    rows = client.ask("GET", path_of("ai-gateway", "access-usage"))["spent"]
    return usage_text(
        Spending(
            day=date.fromisoformat(row["day"]),
            mode=AuthMode(row["mode"]),
            provider=PoolProvider(row["pool"]),
            dollars=Decimal(row["usd"]),
            organization=row["organization"],
        )
        for row in rows
    )
