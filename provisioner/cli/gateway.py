"""`provisioner gateway`: run the reference gateway and look at what it recorded."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]

_STATE = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="State directory.  [default: $XDG_STATE_HOME/provisioner/gateway]",
)
_FORMAT = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the result.",
)


@click.group("gateway")
def command() -> None:
    """Run the reference AI gateway and manage what it keeps.

    \b
    Example:
      provisioner gateway serve
      provisioner gateway session list
    """


@command.command("serve")
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Gateway configuration in TOML; without it everything has a default.",
)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on, 0 for any free one.  [default: 4001]",
)
@_STATE
@_FORMAT
@click.option("-v", "--verbose", is_flag=True, help="Log a line for each request to stderr.")
def serve(
    *,
    config_file: Path | None,
    host: str | None,
    port: int | None,
    state: Path | None,
    output_format: str,
    verbose: bool,
) -> None:
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C).

    With --format json it prints one line when it accepts connections:
    {"url": ..., "token": ..., "state": ...}. The token is known only on the first start with a
    state directory, later it is null.

    \b
    Example:
      provisioner gateway serve
      provisioner gateway serve --config gateway.toml --port 0 --format json
    """
    from provisioner.gateway.extra import need_extra

    need_extra()
    from provisioner.gateway.config import configured, default_state
    from provisioner.gateway.logs import log_to_stderr
    from provisioner.gateway.server import Ready
    from provisioner.gateway.server import serve as run
    from provisioner.gateway.text import ready_json, ready_text

    config = configured(config_file, host=host, port=port)
    log_to_stderr(verbose=verbose)

    def announce(ready: Ready) -> None:
        click.echo(ready_json(ready) if output_format == "json" else ready_text(ready, config))

    run(config, state or default_state(), announce)


@command.group("token")
def _token() -> None:
    """Manage the tokens that clients authenticate with.

    \b
    Example:
      provisioner gateway token create --user ada
    """


@_token.command("create")
@_STATE
@click.option("--user", default="local", show_default=True, help="Who the token belongs to.")
@_FORMAT
def create(*, state: Path | None, user: str, output_format: str) -> None:
    """Make one more token and print it: it is stored as a hash and cannot be shown again.

    It works at once, also with a gateway that is running.

    \b
    Example:
      provisioner gateway token create --user ada
    """
    from provisioner.gateway.extra import need_extra

    need_extra()
    from provisioner.gateway.config import default_state
    from provisioner.gateway.record.accounts import ensure_account
    from provisioner.gateway.record.opened import open_database
    from provisioner.gateway.record.tokens import create_token
    from provisioner.gateway.text import token_json

    database = open_database(state or default_state(), None)
    secret, _ = database.write(lambda c: create_token(c, ensure_account(c, user)))
    database.close()
    click.echo(token_json(secret, user) if output_format == "json" else secret.reveal())


@command.group("session")
def _session() -> None:
    """Look at what the gateway recorded.

    \b
    Example:
      provisioner gateway session list --limit 5
    """


@_session.command("list")
@_STATE
@_FORMAT
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many to show at most.",
)
def list_(*, state: Path | None, output_format: str, limit: int) -> None:
    """List the recorded interceptions, newest first; a running gateway is not disturbed.

    \b
    Example:
      provisioner gateway session list --limit 5 --format json
    """
    from provisioner.gateway.extra import need_extra

    need_extra()
    from provisioner.gateway.config import default_state
    from provisioner.gateway.record.store import read_interceptions
    from provisioner.gateway.text import interceptions_json, interceptions_text

    records = read_interceptions(state or default_state(), limit)
    render = interceptions_json if output_format == "json" else interceptions_text
    click.echo(render(records))
