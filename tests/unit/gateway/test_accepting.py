"""Clients are let in by whatever loop there is; where files are short they wait."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import pytest
from aiohttp import web

from provisioner.gateway import accepting
from provisioner.gateway.accepting import ListeningSite

CLIENTS = 200


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def served(listening: socket.socket) -> tuple[web.AppRunner, ListeningSite]:
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    site = ListeningSite(runner, listening, CLIENTS)
    await site.start()
    return runner, site


async def asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.rpartition(b"\r\n")[2]


class ShortSocket(socket.socket):
    """Has no room for the first who come."""

    refusals = 1

    def accept(self) -> tuple[socket.socket, object]:
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@pytest.fixture(params=["uvloop", "asyncio"])
def new_loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    if request.param == "asyncio":
        return asyncio.new_event_loop
    uvloop = pytest.importorskip("uvloop")
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made


def listening(kind: type[socket.socket] = socket.socket) -> socket.socket:
    made = kind(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    made.listen(CLIENTS)
    return made


def test_everybody_who_comes_at_once_is_served(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def ask_all() -> list[bytes]:
        sock = listening()
        runner, _ = await served(sock)
        answers = await asyncio.gather(*(asked(sock.getsockname()[1]) for _ in range(CLIENTS)))
        await runner.cleanup()
        return answers

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ask_all()) == [b"hello"] * CLIENTS


def test_a_loop_that_watches_no_sockets_lets_them_in_itself() -> None:
    class Proactor(asyncio.SelectorEventLoop):
        def add_reader(self, *_: object) -> None:
            raise NotImplementedError

    async def ask() -> bytes:
        sock = listening()
        runner, site = await served(sock)
        answer = await asked(sock.getsockname()[1])
        await site.stop()
        await runner.cleanup()
        return answer

    with asyncio.Runner(loop_factory=Proactor) as runner:
        assert runner.run(ask()) == b"hello"


def test_who_comes_while_no_file_can_be_opened_waits(
    new_loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "_PAUSE_SECONDS", 0.05)
    told: list[BaseException | None] = []

    async def ask() -> bytes:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.append(context.get("exception"))
        )
        sock = listening(ShortSocket)
        runner, _ = await served(sock)
        answer = await asked(sock.getsockname()[1])
        await runner.cleanup()
        return answer

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ask()) == b"hello"
    assert [getattr(error, "errno", None) for error in told] == [errno.EMFILE]


def test_nobody_comes_in_after_the_stop(
    new_loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "_PAUSE_SECONDS", 0.05)

    told: list[BaseException | None] = []

    async def stop_in_the_pause() -> None:
        refused = asyncio.Event()

        def tell(_loop: asyncio.AbstractEventLoop, context: dict[str, BaseException]) -> None:
            told.append(context.get("exception"))
            refused.set()

        asyncio.get_running_loop().set_exception_handler(tell)
        sock = listening(ShortSocket)
        port = sock.getsockname()[1]
        runner, site = await served(sock)
        asking = asyncio.ensure_future(asked(port))
        await refused.wait()
        await site.stop()
        with pytest.raises(ConnectionError):
            await asking
        await asyncio.sleep(0.1)
        with pytest.raises(ConnectionError):
            await asked(port)
        await runner.cleanup()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(stop_in_the_pause())
    assert [getattr(error, "errno", None) for error in told] == [errno.EMFILE]
