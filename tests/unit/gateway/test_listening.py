"""The addresses a gateway listens on: all that a host has here, each once, on one port."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from provisioner.errors import GatewayError
from provisioner.gateway.config import ListenConfig
from provisioner.gateway.port import kept_port, listening_sockets

HERE = "127.0.0.1"
BESIDE = "127.0.0.2"
# Of the block for documentation, RFC 5737.
ELSEWHERE = "192.0.2.1"


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every host have `addresses`."""

    def found(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        kind, family = socket.SOCK_STREAM, socket.AF_INET
        return [(family, kind, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("provisioner.gateway.port.socket.getaddrinfo", found)


def listening(held: ExitStack, host: str = "h", port: int = 0) -> list[tuple[str, int]]:
    sockets = listening_sockets(ListenConfig(host=host, port=port), shared=False)
    return [held.enter_context(sock).getsockname()[:2] for sock in sockets]


@pytest.mark.parametrize(
    ("addresses", "hosts"),
    [
        ((HERE,), (HERE,)),
        ((HERE, HERE), (HERE,)),
        ((ELSEWHERE, HERE), (HERE,)),
    ],
)
def test_what_is_listened_on(
    monkeypatch: pytest.MonkeyPatch,
    held: ExitStack,
    addresses: Sequence[str],
    hosts: Sequence[str],
) -> None:
    named(monkeypatch, *addresses)

    assert [host for host, _ in listening(held)] == list(hosts)


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere 127.0.0.2 is no address")
def test_all_addresses_have_one_port(monkeypatch: pytest.MonkeyPatch, held: ExitStack) -> None:
    named(monkeypatch, HERE, BESIDE)

    (_, port), (_, other) = places = listening(held)

    assert [host for host, _ in places] == [HERE, BESIDE]
    assert port == other > 0


def test_a_host_that_is_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch, held: ExitStack
) -> None:
    named(monkeypatch, ELSEWHERE)

    with pytest.raises(OSError, match="assign requested address"):
        listening(held)


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere 127.0.0.2 is no address")
def test_where_one_address_is_taken_none_is_kept(
    monkeypatch: pytest.MonkeyPatch, held: ExitStack
) -> None:
    taken = held.enter_context(socket.create_server((BESIDE, 0)))
    port = taken.getsockname()[1]
    named(monkeypatch, HERE, BESIDE)

    with pytest.raises(OSError, match="in use"):
        listening(held, port=port)

    held.enter_context(socket.create_server((HERE, port)))


@pytest.mark.skipif("sys.platform != 'linux'", reason="workers need Linux")
def test_workers_share_a_port_that_a_host_has_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, HERE, HERE)

    with kept_port(ListenConfig(host="h", port=0)) as port:
        assert port > 0


@pytest.mark.skipif("sys.platform != 'linux'", reason="workers need Linux")
def test_what_names_no_host_is_told() -> None:
    with (
        pytest.raises(GatewayError, match=r"cannot listen on a\.\.b port 0: that is no name of"),
        kept_port(ListenConfig(host="a..b", port=0)),
    ):
        pass
