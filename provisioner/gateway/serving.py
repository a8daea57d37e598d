"""Runs a gateway until it is told to stop: signals, the end of whoever started it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.descriptors import LoopErrors, raise_limit
from provisioner.gateway.event_loop import run
from provisioner.gateway.server import GatewayServer, Ready

__all__ = ["serve", "serve_until_told"]


def serve(config: GatewayConfig, state: Path, announce: Callable[[Ready], None]) -> None:
    """Run a gateway until SIGTERM or SIGINT; `announce` is called once it accepts connections."""
    run(serve_until_told(GatewayServer(config, state), announce))


async def serve_until_told(
    server: GatewayServer, announce: Callable[[Ready], None], lifeline: int | None = None
) -> None:
    """Run `server` until SIGTERM or SIGINT, or until the file descriptor `lifeline` has an end."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(LoopErrors(raise_limit()))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers on the loop; there Ctrl-C ends the run by itself.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        loop.add_reader(lifeline, stop.set)
    ready = await server.start()
    try:
        announce(ready)
        await stop.wait()
    finally:
        if lifeline is not None:
            loop.remove_reader(lifeline)
        await server.stop()
