"""Answers of all kinds, TLS, proxies and redirects, from real servers."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.login import Login
from provisioner.coder_api.problem import ApiError, UnreachableError, read_problem
from provisioner.errors import CoderError, InputError
from provisioner.redact import Secret
from tests.support.coder_server import coder_server
from tests.support.loopback import Request, Told, closed_port, serving, silent_server

TOKEN = "s3ss10n-t0ken-0f-ada-9876543210"
USER = '{"id": "7c60d51f-b44e-4682-87d6-449835ea4de6", "username": "ada"}'


def client(
    url: str,
    certificates: Path | None = None,
    seconds: float = 20.0,
    said: list[str] | None = None,
) -> CoderClient:
    login = Login(url, Secret(TOKEN), "the test")
    say = said.append if said is not None else lambda _: None
    return CoderClient(
        login, certificates=certificates, seconds=seconds, pause=lambda _: None, say=say
    )


def test_the_token_goes_in_its_header_and_nowhere_else() -> None:
    with serving(lambda _: (200, {}, USER)) as server, client(server.url) as coder:
        assert coder.deployment.me().username == "ada"
        assert coder.deployment.me().username == "ada"
    (first, _) = server.requests

    assert first.path == "/api/v2/users/me"
    assert first.headers["coder-session-token"] == TOKEN
    assert re.fullmatch(r"provisioner/\S+", first.headers["user-agent"])
    assert "cookie" not in first.headers


def test_what_anybody_may_know_is_asked_without_the_token() -> None:
    with (
        serving(lambda _: (200, {}, '{"version": "v2.37.0"}')) as server,
        client(server.url) as coder,
    ):
        coder.deployment.build_info()

    assert "coder-session-token" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            (200, {"Content-Type": "text/html"}, "<html>login</html>"),
            "answered text/html instead of JSON",
        ),
        ((200, {}, '{"id": 7}'), "answered something else than Coder does"),
        ((200, {}, "[]"), "answered something else than Coder does"),
        ((302, {"Location": "https://sso.example/"}, ""), "is sent on to https://sso.example/"),
        ((418, {}, '{"message": "no \\u001b[2J tea"}'), r"answered 418: no.* tea"),
        ((400, {}, f'{{"message": "bad {TOKEN}"}}'), r"answered 400: bad s3ss\.\.\.3210"),
    ],
)
def test_strange_answers_are_told_as_what_they_are(told: Told, words: str) -> None:
    with (
        serving(lambda _: told) as server,
        client(server.url) as coder,
        pytest.raises(CoderError, match=words) as caught,
    ):
        coder.deployment.me()

    assert str(caught.value).isprintable()
    assert TOKEN not in str(caught.value)


def test_a_redirect_is_never_followed() -> None:
    with serving(lambda _: (200, {}, USER)) as other:
        location = {"Location": f"{other.url}/api/v2/users/me"}
        with (
            serving(lambda _: (307, location, "")) as server,
            client(server.url) as coder,
            pytest.raises(CoderError),
        ):
            coder.deployment.me()

    assert other.requests == []


def test_nobody_there_and_nobody_answering_are_told() -> None:
    with client(closed_port()) as coder, pytest.raises(UnreachableError, match="got no answer"):
        coder.deployment.me()
    with (
        silent_server() as url,
        client(url, seconds=0.1) as coder,
        pytest.raises(UnreachableError, match="timed out"),
    ):
        coder.deployment.me()


def test_each_new_attempt_is_told() -> None:
    answers: list[Told] = [(502, {}, "{}"), (429, {"Retry-After": "11"}, "{}"), (200, {}, USER)]
    said: list[str] = []
    with (
        serving(lambda _: answers.pop(0)) as server,
        client(server.url, said=said) as coder,
    ):
        coder.deployment.me()
    url = closed_port()
    with client(url, said=said) as coder, pytest.raises(UnreachableError):
        coder.deployment.me()

    assert said[:2] == [
        "GET /api/v2/users/me answered 502; trying again",
        "GET /api/v2/users/me answered 429; trying again in 11 s",
    ]
    assert len(said) == 2 + 5
    assert all(line.startswith(f"GET /api/v2/users/me at {url} got no answer") for line in said[2:])


def test_a_retry_after_is_waited_for_exactly() -> None:
    answers: list[Told] = [
        (429, {"Retry-After": "11"}, "{}"),
        (503, {"Retry-After": "3"}, "{}"),
        (200, {}, USER),
    ]
    pauses: list[float] = []

    def tell(_: Request) -> Told:
        return answers.pop(0)

    login = Login("", Secret(TOKEN), "")
    with serving(tell) as server:
        login = Login(server.url, Secret(TOKEN), "")
        with CoderClient(login, pause=pauses.append) as coder:
            coder.deployment.me()

    assert pauses == [11.0, 3.0]


def test_a_proxy_of_the_environment_is_used_and_left_where_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(lambda _: (200, {}, USER)) as proxy, serving(lambda _: (200, {}, USER)) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with client("http://coder.example") as coder:
            coder.deployment.me()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with client(server.url) as coder:
            coder.deployment.me()

    assert [request.path for request in proxy.requests] == ["http://coder.example/api/v2/users/me"]
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "http://", "ftp://x"])
def test_an_unusable_proxy_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(InputError, match="HTTPS_PROXY"):
        client("https://coder.example")


def test_certificates_must_be_some(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    with pytest.raises(InputError, match=r"ca\.pem cannot be read"):
        client("https://coder.example", file)
    file.write_text("none")
    with pytest.raises(InputError, match="holds no certificates in PEM form"):
        client("https://coder.example", file)


def test_a_problem_is_read_whatever_it_is_written_in() -> None:
    assert read_problem(b"\xff<html>").words == "\ufffd<html>"
    assert read_problem(b'"text"').words == "text"
    assert read_problem(b'{"message": null, "validations": 7}').words == ""
    assert len(read_problem(b"x" * 100_000).words) == 601


def test_an_api_error_knows_its_status() -> None:
    with coder_server() as server, client(server.url) as coder:
        server.state.session_token = "another"
        with pytest.raises(ApiError) as caught:
            coder.deployment.me()

    assert caught.value.status == 401


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on PATH")
def test_a_company_certificate_is_trusted_only_where_it_is_given(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *request, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(lambda _: (200, {}, USER), context) as server:
        with client(server.url, certificate) as coder:
            assert coder.deployment.me().username == "ada"
        said: list[str] = []
        with (
            client(server.url, said=said) as coder,
            pytest.raises(UnreachableError, match=r"CERTIFICATE_VERIFY.*with --ca-file, or in SSL"),
        ):
            coder.deployment.me()

    assert (len(server.requests), said) == (1, [])
