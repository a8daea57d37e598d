"""`provisioner gateway token`: who may use the gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from provisioner.cli.duration import Duration
from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_options import client_options

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]

_NANOSECONDS = 1_000_000_000


@click.group("token")
def command() -> None:
    """Manage the tokens that clients authenticate with.

    \b
    Example:
      provisioner gateway token create --user ada
      provisioner gateway token list
      provisioner gateway token revoke laptop --user ada
    """


@command.command("create")
@client_options
@click.option("--user", default="local", show_default=True, help="Who the token belongs to.")
@click.option(
    "--name",
    default="",
    help="What to call the token, to revoke it by; no two good ones of a user have the same.",
)
@click.option("--expires", type=Duration(), help="When it ends by itself: 30m, 12h or 90d.")
@click.option("--group", "groups", multiple=True, help="A group to put the user in.")
@click.option("--admin", is_flag=True, help="Make the user an admin: sees and manages everything.")
@format_option
def create(
    *,
    client: ManagementClient,
    user: str,
    name: str,
    expires: int | None,
    groups: tuple[str, ...],
    admin: bool,
    output_format: str,
) -> None:
    """Make one more token and print it: it is stored as a hash and cannot be shown again.

    It works at once, also with a gateway that is running.

    \b
    Example:
      provisioner gateway token create --user ada
      provisioner gateway token create --user ada --name laptop --expires 90d
    """
    from provisioner.gateway.management.client import path_of

    body = {
        "token_name": name,
        "lifetime": (expires or 0) * _NANOSECONDS,
        "groups": list(groups),
        "admin": admin,
    }
    made = client.ask("POST", path_of("users", user, "keys", "tokens"), body=body)
    shown = {"token": made["key"], **{k: made[k] for k in ("user", "id", "name", "expires_at")}}
    click.echo(json.dumps(shown) if output_format == "json" else made["key"])


@command.command("list")
@client_options
@click.option("--user", help="Only the tokens of this user.")
@click.option("--all", "with_dead", is_flag=True, help="Expired and revoked ones too.")
@format_option
def list_(
    *,
    client: ManagementClient,
    user: str | None,
    with_dead: bool,
    output_format: str,
) -> None:
    """List the tokens, newest first; what is shown of one cannot be used.

    \b
    Example:
      provisioner gateway token list
      provisioner gateway token list --user ada --all --format json
    """
    from provisioner.gateway.management.client import path_of
    from provisioner.gateway.management.tables import tokens_text

    query = {
        "include_all": "" if user else "true",
        "include_expired": "true" if with_dead else "",
    }
    tokens = client.ask("GET", path_of("users", user or "me", "keys", "tokens"), query)
    told = json.dumps({"tokens": tokens}, indent=2) if output_format == "json" else None
    click.echo(told or tokens_text(tokens))


@command.command("revoke")
@client_options
@click.argument("token")
@click.option("--user", help="Whose token it is; without it anyone's.")
@format_option
def _revoke(
    *,
    client: ManagementClient,
    token: str,
    user: str | None,
    output_format: str,
) -> None:
    """Revoke the token with the id or name TOKEN: every gateway refuses it within a second.

    A name that several users have needs --user.

    \b
    Example:
      provisioner gateway token revoke laptop --user ada
    """
    from provisioner.gateway.management.client import path_of

    found = client.ask("GET", path_of("users", user or "me", "keys", "tokens", token))
    owner = found["username"]
    client.ask("DELETE", path_of("users", user or "me", "keys", found["id"]))
    told = {"revoked": token, "id": found["id"], "user": owner}
    text = f"revoked {token} of {owner}"
    click.echo(json.dumps(told) if output_format == "json" else text)
