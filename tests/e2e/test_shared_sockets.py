"""WebSockets of a gateway with two workers: a user has as many as with one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

MOST = 16


async def connect(stack: contextlib.AsyncExitStack, gateway: RunningGateway) -> int:
    """Open one more WebSocket and return the status of the handshake."""
    # With a session of its own each is a new connection, for either worker.
    session = await stack.enter_async_context(aiohttp.ClientSession())
    url = f"ws://127.0.0.1:{gateway.port}/openai/v1/responses"
    try:
        await stack.enter_async_context(session.ws_connect(url, headers=gateway.headers()))
    except aiohttp.WSServerHandshakeError as error:
        return error.status
    return 101


async def connect_soon(stack: contextlib.AsyncExitStack, gateway: RunningGateway) -> None:
    """Open one more as soon as there is room."""
    async with asyncio.timeout(SECONDS):
        while True:
            if await connect(stack, gateway) == 101:
                return
            await asyncio.sleep(0.05)


def test_two_workers_let_a_user_open_as_many_as_one(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text("[relay]\nwebsockets = true\n")
    options = ("--config", str(tmp_path / "g.toml"), "--workers", "2")

    async def run(gateway: RunningGateway) -> None:
        async with contextlib.AsyncExitStack() as others:
            async with contextlib.AsyncExitStack() as first:
                # At the same time, as the workers must not let one in each.
                wanted = [connect(first, gateway) for _ in range(MOST - 2)]
                assert await asyncio.gather(*wanted) == [101] * (MOST - 2)
                last = await asyncio.gather(*(connect(others, gateway) for _ in range(8)))
                assert sorted(last) == [101, 101, *[426] * 6]
            await connect_soon(others, gateway)

    with gateway_process(tmp_path / "state", *options) as (_, gateway):
        asyncio.run(run(gateway))
