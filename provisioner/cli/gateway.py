"""`provisioner gateway`: run the reference gateway and look at what it recorded."""

from __future__ import annotations

from pathlib import Path

import click

from provisioner.cli.format_option import format_option
from provisioner.cli.gateway_options import state_option
from provisioner.cli.lazy_group import LazyGroup

__all__ = ["command"]

_COMMANDS = {
    name: f"provisioner.cli.gateway_{name}"
    for name in ("budget", "key", "session", "token", "usage")
}


@click.group("gateway", cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Run the reference AI gateway and manage what it keeps.

    \b
    Example:
      provisioner gateway serve
      provisioner gateway session list
      provisioner gateway usage --by day
    """


@command.command("serve")
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Gateway configuration in TOML, or config.yaml of Auto AI Router; without it everything"
    " has a default.",
)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on, 0 for any free one.  [default: 4001]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that share the port and the database.  [default: 1]",
)
@state_option
@format_option
@click.option("-v", "--verbose", is_flag=True, help="Log a line for each request to stderr.")
def serve(
    *,
    config_file: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    state: Path | None,
    output_format: str,
    verbose: bool,
) -> None:
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C).

    With --format json it prints one line when it accepts connections:
    {"url": ..., "token": ..., "state": ..., "base_urls": {...}}. The token is known only on the
    first start with a state directory, later it is null. The base URLs are by provider.

    \b
    Example:
      provisioner gateway serve
      provisioner gateway serve --config gateway.toml --port 0 --format json
      provisioner gateway serve --workers 4
    """
    from provisioner.cli.extra import need_extra

    need_extra("gateway")
    from provisioner.gateway.trust import import_aiohttp

    import_aiohttp()
    from provisioner.gateway.config import configured, default_state
    from provisioner.gateway.logs import log_to_stderr
    from provisioner.gateway.server import Ready
    from provisioner.gateway.serving import serve as run
    from provisioner.gateway.text import ready_json, ready_text

    config = configured(config_file, host=host, port=port, workers=workers)
    log_to_stderr(verbose=verbose)

    def announce(ready: Ready) -> None:
        text = output_format != "json"
        click.echo(ready_text(ready, config, config_file) if text else ready_json(ready, config))

    if config.listen.workers > 1:
        from provisioner.gateway.workers import serve_with_workers as run
    run(config, state or default_state(), announce)
