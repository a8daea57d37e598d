"""`provisioner gateway budget`: what is left of the budgets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_options import client_options

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]


@click.group("budget")
def command() -> None:
    """See what is spent of the budgets of a gateway, and start one again.

    Without --url, --config names the file that has the budgets.

    \b
    Example:
      provisioner gateway budget list --config gateway.toml
      provisioner gateway budget reset monthly --subject ada --config gateway.toml
    """


@command.command("list")
@client_options
@format_option
def list_(*, client: ManagementClient, output_format: str) -> None:
    """List each budget with its accounts in the window that runs now.

    \b
    Example:
      provisioner gateway budget list --config gateway.toml
      provisioner gateway budget list --url http://127.0.0.1:4001 --format json
    """
    from provisioner.gateway.management.client import path_of
    from provisioner.gateway.management.tables import budgets_text

    budgets = client.ask("GET", path_of("ai-gateway", "budgets"))
    told = json.dumps({"budgets": budgets}, indent=2) if output_format == "json" else None
    click.echo(told or budgets_text(budgets))


@command.command("reset")
@client_options
@click.argument("budget")
@click.option("--subject", help="Only what this user, or other subject, has spent.")
@format_option
def _reset(
    *, client: ManagementClient, budget: str, subject: str | None, output_format: str
) -> None:
    """Forget what was spent of BUDGET in all its windows.

    \b
    Example:
      provisioner gateway budget reset monthly --config gateway.toml
      provisioner gateway budget reset monthly --subject ada --config gateway.toml
    """
    from provisioner.gateway.management.client import path_of

    path = path_of("ai-gateway", "budgets", budget, "reset")
    done = client.ask("POST", path, {"subject": subject or ""})
    count = done["accounts_reset"]
    told = f"{budget}: {count} account{'' if count == 1 else 's'} reset"
    click.echo(json.dumps(done) if output_format == "json" else told)
