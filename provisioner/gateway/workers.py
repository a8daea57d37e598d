"""Several workers on one port and one database: started, watched, started again, stopped.

A worker is a whole gateway in a process of its own. Nothing that must be right lives in one of
them: tokens and records are in the database. The parent serves nothing itself.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from provisioner.gateway.config import GatewayConfig, database_address
from provisioner.gateway.port import kept_port, reachable_url
from provisioner.gateway.record.first_token import first_token
from provisioner.gateway.record.opened import open_database, open_prepared
from provisioner.gateway.server import GatewayServer, Ready
from provisioner.gateway.worker import run_worker
from provisioner.gateway.worker_folder import worker_folder
from provisioner.gateway.worker_watch import WorkerWatch
from provisioner.redact import Secret

__all__ = ["serve_with_workers"]

# What a worker may need to write its last records, beyond the time for running answers.
_RECORD_SECONDS = 15.0


def serve_with_workers(
    config: GatewayConfig, state: Path, announce: Callable[[Ready], None]
) -> None:
    """Run the workers until SIGTERM or SIGINT; `announce` is called once all accept connections.

    Raises `GatewayError` when they cannot start, `OutputError` and `InputError` as one gateway.
    """
    state = state.absolute()
    with kept_port(config.listen) as port, worker_folder() as shared:
        here = config.listen.model_copy(update={"port": port})
        config = config.model_copy(update={"listen": here})
        open_database(state, database_address(config)).close()
        server = GatewayServer(config, state, shared=shared)
        lifeline, held = os.pipe()

        def life(worker: int, report: int) -> int:
            # A worker that held the other end would outlive the parent.
            os.close(held)
            return run_worker(server, shared, worker, report=report, lifeline=lifeline)

        # Pages that nobody writes to are shared with the workers.
        gc.freeze()
        patience = config.relay.shutdown_seconds + _RECORD_SECONDS
        silence = here.hang_seconds
        with WorkerWatch(life, here.workers, shared, patience, silence=silence) as watch:
            if watch.start():
                token = _first_token(config, state)
                announce(Ready(reachable_url(here.host, port), token, state))
            watch.run()


def _first_token(config: GatewayConfig, state: Path) -> Secret | None:
    if not config.first_token:
        return None
    database = open_prepared(state, database_address(config))
    try:
        return database.write_plain(first_token)
    finally:
        database.close()
