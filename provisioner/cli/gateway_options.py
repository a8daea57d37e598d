"""The options that say which gateway a command is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from provisioner.gateway.management.client import ManagementClient

__all__ = ["client_options", "search_option", "state_option"]

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="State directory.  [default: $XDG_STATE_HOME/provisioner/gateway]",
)
search_option = click.option(
    "--search",
    default="",
    metavar="TEXT",
    help="Only what fits, such as 'initiator:ada model:gpt-5.5'; keys: initiator, provider, "
    "provider_name, model, client, session_id, started_after, started_before.",
)
_CONFIG = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration of the gateway, for the database that it names.",
)
_URL = click.option(
    "--url",
    help="Ask the gateway that runs there, with the token in $PROVISIONER_GATEWAY_TOKEN.",
)


def client_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--url`, `--state` and `--config`, and hand over a `client` for what they name.

    That is a gateway that runs, or the database of one.
    """

    @wraps(function)
    def with_client(
        *,
        url: str | None,
        state: Path | None,
        config_file: Path | None,
        **others: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - what click handed over
        return function(client=_management_client(url, state, config_file), **others)

    return _URL(state_option(_CONFIG(with_client)))


def _management_client(
    url: str | None, state: Path | None, config_file: Path | None
) -> ManagementClient:
    from provisioner.cli.extra import need_extra

    need_extra("gateway")
    from provisioner.gateway.config import configured, database_address, default_state
    from provisioner.gateway.management.client import ManagementClient

    config = configured(config_file, host=None, port=None) if config_file else None
    budgets = config.budget if config is not None else ()
    return ManagementClient(url, state or default_state(), database_address(config), budgets)
