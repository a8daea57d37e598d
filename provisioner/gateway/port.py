"""The port a gateway listens on: kept for several of them, told as a URL, or why it cannot be had.

Several processes listen on one port with SO_REUSEPORT; Linux hands each new connection to one of
those that listen.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from aiohttp import web

from provisioner.errors import GatewayError
from provisioner.gateway.accepting import ListeningSite
from provisioner.gateway.config import ListenConfig

__all__ = ["cannot_listen", "kept_port", "listening_sockets", "open_port", "reachable_url"]

# Clients that come at the same moment must not have to knock again, a second later.
_BACKLOG = 1024

_Address = tuple[socket.AddressFamily, tuple[Any, ...]]


@contextmanager
def kept_port(listen: ListenConfig) -> Iterator[int]:
    """Keep the port of `listen` for those who share it, and yield its number.

    Raises `GatewayError` when somebody else has it.
    """
    if sys.platform != "linux":
        raise GatewayError("several workers need Linux: elsewhere one of them gets all connections")
    with ExitStack() as held:
        try:
            bound = _bound(listen, held)
        except (OSError, UnicodeError) as error:
            raise cannot_listen(listen, error) from error
        yield bound


def _bound(listen: ListenConfig, held: ExitStack) -> int:
    """Bind sockets that never listen: they get no connections, and nobody else gets the port."""
    port = listen.port
    for family, address in _addresses(listen):
        if listen.port:
            # Without trying it alone, a second gateway on the port would not be noticed.
            with socket.socket(family, socket.SOCK_STREAM) as alone:
                alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                _bind(alone, address, port)
        shared = held.enter_context(socket.socket(family, socket.SOCK_STREAM))
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        _bind(shared, address, port)
        # Of any free port the first address decides.
        port = int(shared.getsockname()[1])
    return port


def _bind(sock: socket.socket, address: tuple[Any, ...], port: int) -> None:
    if sock.family == socket.AF_INET6:
        # As those do who listen later: the other family has a socket of its own.
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address[0], port, *address[2:]))


async def open_port(runner: web.AppRunner, listen: ListenConfig, *, shared: bool) -> str:
    """Accept connections for `runner`, with others if it is `shared`, and return the URL.

    Raises `GatewayError` for an address that cannot be used.
    """
    await runner.setup()
    try:
        # Whoever knows the address of a host may take long to tell.
        sockets = await asyncio.to_thread(listening_sockets, listen, shared=shared)
    except (OSError, UnicodeError) as error:
        raise cannot_listen(listen, error) from error
    for sock in sockets:
        await ListeningSite(runner, sock, _BACKLOG).start()
    return reachable_url(*sockets[0].getsockname()[:2])


def listening_sockets(listen: ListenConfig, *, shared: bool) -> list[socket.socket]:
    """Return a socket for each address of the host; of any free port the first one decides.

    Raises `OSError` for an address that cannot be had, `UnicodeError` for what names no host.
    """
    port, sockets = listen.port, []
    with ExitStack() as opened:
        for family, address in _addresses(listen):
            place = (address[0], port, *address[2:])
            sock = socket.create_server(place, family=family, backlog=_BACKLOG, reuse_port=shared)
            sockets.append(opened.enter_context(sock))
            port = int(sock.getsockname()[1])
        opened.pop_all()
    return sockets


def _addresses(listen: ListenConfig) -> list[_Address]:
    found = socket.getaddrinfo(
        listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    # A host may have one address by several lines of a file.
    addresses: list[_Address] = list(dict.fromkeys((each[0], each[4]) for each in found))
    return [each for each in addresses if _is_here(*each)] or addresses


def _is_here(family: socket.AddressFamily, address: tuple[Any, ...]) -> bool:
    """Say whether this machine has `address`: the name of a host may have one of IPv6 too."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((address[0], 0, *address[2:]))
    except OSError as error:
        return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True


def cannot_listen(listen: ListenConfig, error: OSError | UnicodeError) -> GatewayError:
    """Return what to tell of a port that cannot be listened on."""
    if isinstance(error, UnicodeError):
        reason = "that is no name of a host"
    else:
        # Python adds to what the system says the address, which is told here.
        reason = (error.strerror or str(error)).partition(" (while")[0]
    return GatewayError(
        f"cannot listen on {listen.host} port {listen.port}: {reason}; "
        "choose another with --host and --port"
    )


def reachable_url(host: str, port: int) -> str:
    """Return a URL clients on this machine can use for what a socket is bound to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
