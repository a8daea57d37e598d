"""The way to an upstream: over TLS with an authority of one's own, through a company's proxy."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.gateway_server import Reply, gateway_process, post
from tests.support.http_proxy import http_proxy
from tests.support.loopback import Request, Told, closed_port, serving, silent_server
from tests.support.relayed import COMPLETED, PROVIDER, QUESTION
from tests.support.secret_search import SecretSearch

LOGIN = "company-user:proxy-password-77ac10d2"
BASIC = f"Basic {base64.b64encode(LOGIN.encode()).decode()}"
KEY = "sk-provider-key-on-its-way-31c4"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def complete(_: Request) -> Told:
    return 200, {"Content-Type": "text/event-stream"}, COMPLETED.decode()


@contextlib.contextmanager
def asking(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: str) -> Iterator[list[Reply]]:
    """Ask a recorded and another route of a gateway with `settings`; no output holds a secret."""
    monkeypatch.setenv("K", KEY)
    monkeypatch.setenv("LOGIN", LOGIN)
    text = f'dump_dir = "dumps"\n{PROVIDER}key_env = ["K"]\nconnect_seconds = 1.5\n{settings}\n'
    (folder / "g.toml").write_text(text)
    options = ("--config", str(folder / "g.toml"), "--verbose")
    with gateway_process(folder / "state", *options) as (process, gateway):
        yield [post(gateway, QUESTION), post(gateway, b"", path="/openai/v1/models")]
        process.terminate()
        outputs = process.communicate(timeout=30)
    search = SecretSearch({"key": KEY, "login": LOGIN, "token": gateway.token})
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert [search.found_in(text) for text in (*outputs, *files)] == [[]] * (2 + len(files))
    assert len(files) > 4


def refused(replies: list[Reply]) -> str:
    """Return why there is no answer, as the client is told."""
    bridged, passed = replies
    assert (bridged.status, passed.status, passed.body) == (500, 502, b"upstream proxy error\n")
    told = json.loads(bridged.body)
    assert told["code"] == "500"
    return str(told["message"])


def test_an_authority_of_ones_own_is_trusted_when_the_environment_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with (
        serving(complete, authority.server()) as service,
        asking(tmp_path, monkeypatch, f'base_url = "{service.url}/v1"') as replies,
    ):
        assert [reply.body for reply in replies] == [COMPLETED] * 2
    assert {request.headers["authorization"] for request in service.requests} == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    "case",
    [
        ("IP:127.0.0.1", 1, False, "unable to get local issuer certificate"),
        ("IP:127.0.0.1", -1, True, "certificate has expired"),
        ("DNS:api.openai.com", 1, True, "certificate is not valid for '127.0.0.1'"),
    ],
    ids=["unknown authority", "expired", "another host"],
)
def test_a_certificate_that_is_not_good(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
    case: tuple[str, int, bool, str],
) -> None:
    name, days, trusted, why = case
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with (
        serving(complete, authority.server(name, days=days)) as service,
        asking(tmp_path, monkeypatch, f'base_url = "{service.url}/v1"') as replies,
    ):
        message = refused(replies)

    assert message.startswith(f"cannot trust {service.url.removeprefix('https://')}: ")
    assert why in message
    assert service.requests == []


def test_tls_towards_what_does_not_speak_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        place = url.removeprefix("http://")
        with asking(tmp_path, monkeypatch, f'base_url = "https://{place}/v1"') as replies:
            assert refused(replies) == f"cannot speak TLS with {place}"


@pytest.mark.parametrize("tunnel", [True, False], ids=["https", "http"])
def test_a_proxy_with_a_login_carries_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority, *, tunnel: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with serving(complete, authority.server() if tunnel else None) as service:
        settings = f'base_url = "{service.url}/v1"\nproxy_env = "LOGIN"'
        with (
            http_proxy(BASIC) as proxy,
            asking(tmp_path, monkeypatch, f'{settings}\nproxy = "{proxy.url}"') as replies,
        ):
            assert [reply.body for reply in replies] == [COMPLETED] * 2

    place = service.url.partition("//")[2]
    first = f"CONNECT {place} HTTP/1.1" if tunnel else f"POST {service.url}/v1/responses HTTP/1.1"
    assert proxy.heads[0].splitlines()[0] == first
    # Only the end of the tunnel gets the key.
    assert (KEY in "".join(proxy.heads)) is not tunnel
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    ("login", "answer", "why"),
    [
        (BASIC, None, "the proxy {proxy} refused to connect to {place}: status 407"),
        ("", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "status 403"),
        ("", b"SSH-2.0-OpenSSH\r\n", "no usable answer from {place}"),
        ("", b"", "{place} did not answer in time"),
    ],
    ids=["wants a login", "refuses", "is none", "says nothing"],
)
def test_a_proxy_that_lets_nobody_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str, answer: bytes | None, why: str
) -> None:
    settings = 'base_url = "https://127.0.0.1:9/v1"'
    with (
        http_proxy(login, answer) as proxy,
        asking(tmp_path, monkeypatch, f'{settings}\nproxy = "{proxy.url}"') as replies,
    ):
        message = refused(replies)

    place = proxy.url.removeprefix("http://")
    assert message.endswith(why.format(proxy=place, place="127.0.0.1:9"))


def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = closed_port()
    settings = f'base_url = "https://127.0.0.1:9/v1"\nproxy = "{proxy}"'
    with asking(tmp_path, monkeypatch, settings) as replies:
        place = proxy.removeprefix("http://")
        assert refused(replies) == f"cannot connect to the proxy {place}: Connection refused"
