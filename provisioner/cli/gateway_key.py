"""`provisioner gateway key`: virtual keys, each with what it may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.duration import Duration
from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_key_options import policy_options
from provisioner.cli.gateway_options import client_options

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["command"]


@click.group("key")
def command() -> None:
    """Manage virtual keys: what a gateway with the dialect langwatch lets clients in with.

    Each has its own models, aliases, providers, rates and rules. A change holds on every gateway
    within a second.

    \b
    Example:
      provisioner gateway key create --name team-a --model 'gpt-6*'
      provisioner gateway key update team-a --alias gpt-4o=azure/gpt-4o
      provisioner gateway key rotate team-a
    """


@command.command("create")
@client_options
@click.option("--name", default="", help="What to call the key; the other commands take it.")
@click.option("--user", default="", help="Whose key it is; without it the key is shared.")
@click.option("--group", "groups", multiple=True, help="A group to put its user in.")
@click.option("--expires", type=Duration(), help="When it ends by itself: 30m, 12h or 90d.")
@click.option(
    "--environment",
    type=click.Choice(["live", "test", "none"]),
    default="live",
    show_default=True,
    help="How it begins: vk-lw-live_, vk-lw-test_ or vk-lw-.",
)
@policy_options
@format_option
def create(
    *,
    client: ManagementClient,
    name: str,
    user: str,
    groups: tuple[str, ...],
    expires: int | None,
    environment: str,
    policy: dict[str, Any],
    output_format: str,
) -> None:
    """Make one more key and print it: it is stored as a hash and cannot be shown again.

    \b
    Example:
      provisioner gateway key create --user ada --model 'gpt-6*' --rpm 60
      provisioner gateway key create --name ci --policy policy.toml
    """
    body = {
        "name": name,
        "user": user,
        "groups": list(groups),
        "environment": environment,
        "policy": policy,
        **({"lifetime_seconds": expires} if expires else {}),
    }
    _print_secret(client.ask("POST", _path(), body=body), output_format)


@command.command("list")
@client_options
@click.option("--all", "with_revoked", is_flag=True, help="Revoked ones too.")
@format_option
def list_(*, client: ManagementClient, with_revoked: bool, output_format: str) -> None:
    """List the keys, newest first; what is shown of one cannot be used.

    \b
    Example:
      provisioner gateway key list
      provisioner gateway key list --all --format json
    """
    from provisioner.gateway.management.tables import keys_text

    keys = client.ask("GET", _path(), {"include_all": "true" if with_revoked else ""})
    told = json.dumps({"keys": keys}, indent=2) if output_format == "json" else None
    click.echo(told or keys_text(keys))


@command.command("show")
@client_options
@click.argument("key")
def _show(*, client: ManagementClient, key: str) -> None:
    """Show the key with the id or name KEY and its policy, as JSON.

    \b
    Example:
      provisioner gateway key show team-a
    """
    click.echo(json.dumps(client.ask("GET", _path(key)), indent=2))


@command.command("update")
@client_options
@click.argument("key")
@click.option("--name", help="What to call it from now on.")
@click.option("--expires", type=Duration(), help="When it ends by itself, from now on.")
@policy_options
@format_option
def _update(
    *,
    client: ManagementClient,
    key: str,
    name: str | None,
    expires: int | None,
    policy: dict[str, Any],
    output_format: str,
) -> None:
    """Change the key with the id or name KEY; what is not named stays.

    In a file that --policy names, null takes a setting away, which is for JSON alone.

    \b
    Example:
      provisioner gateway key update team-a --model 'gpt-6*' --model gpt-5.5
      provisioner gateway key update team-a --alias gpt-4o=azure/gpt-4o --cache disable
    """
    body: dict[str, Any] = {"policy": policy} if policy else {}
    body |= {"name": name} if name is not None else {}
    body |= {"lifetime_seconds": expires} if expires else {}
    changed = client.ask("PATCH", _path(key), body=body)
    click.echo(json.dumps(changed) if output_format == "json" else f"changed {key}")


@command.command("rotate")
@client_options
@click.argument("key")
@format_option
def _rotate(*, client: ManagementClient, key: str, output_format: str) -> None:
    """Give the key with the id or name KEY another secret and print it.

    The one before works for 24 hours more.

    \b
    Example:
      provisioner gateway key rotate team-a
    """
    _print_secret(client.ask("POST", _path(key, "rotate")), output_format)


@command.command("revoke")
@client_options
@click.argument("key")
@format_option
def _revoke(*, client: ManagementClient, key: str, output_format: str) -> None:
    """End the key with the id or name KEY for good.

    \b
    Example:
      provisioner gateway key revoke team-a
    """
    _act(client, key, "revoke", output_format)


@command.command("disable")
@client_options
@click.argument("key")
@format_option
def _disable(*, client: ManagementClient, key: str, output_format: str) -> None:
    """Switch the key with the id or name KEY off until it is enabled.

    \b
    Example:
      provisioner gateway key disable team-a
    """
    _act(client, key, "disable", output_format)


@command.command("enable")
@client_options
@click.argument("key")
@format_option
def _enable(*, client: ManagementClient, key: str, output_format: str) -> None:
    """Switch the key with the id or name KEY on again.

    \b
    Example:
      provisioner gateway key enable team-a
    """
    _act(client, key, "enable", output_format)


def _act(client: ManagementClient, key: str, action: str, output_format: str) -> None:
    changed = client.ask("POST", _path(key, action))
    done = f"{changed['state']} {key}"
    click.echo(json.dumps(changed) if output_format == "json" else done)


def _path(*parts: str) -> str:
    from provisioner.gateway.management.client import path_of

    return path_of("ai-gateway", "virtual-keys", *parts)


def _print_secret(made: dict[str, Any], output_format: str) -> None:
    click.echo(json.dumps(made) if output_format == "json" else made["key"])
