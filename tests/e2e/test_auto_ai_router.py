"""The real Codex through the dialect auto-ai-router, with the recipes of the router's page."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_server import RunningGateway, running_gateway, send
from tests.support.model_turns import Turn, call, say
from tests.support.model_twin import model_twin
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
WITH_PROFILE_FILES = ("0.134.0", "0.169.0")
MASTER = "sk-master-0001"
FREE = "--dangerously-bypass-approvals-and-sandbox"
SERVER = "server:\n  master_key: os.environ/MASTER\n"
CREDENTIAL = """\
  - name: {name}
    type: {type}
    api_key: {key}
    base_url: {url}
"""
SCRIPTED = (
    '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\nscript = "t.toml"\n'
)


@pytest.fixture(autouse=True)
def keys(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("MASTER", MASTER)
    monkeypatch.setenv("KEY", "service-key")


@contextlib.contextmanager
def backend(folder: Path, turns: str) -> Iterator[tuple[str, str]]:
    """Run a service with the Responses API; yield its base URL and a key."""
    text = f'dialect = "openai-compatible"\n{SCRIPTED}'
    write_tree(folder, {"t.toml": turns, "gateway.toml": text})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield f"http://127.0.0.1:{gateway.port}/v1", gateway.token


def saying(text: str) -> str:
    return f'[[turn]]\ntext = "{text}"\n'


@contextlib.contextmanager
def router(folder: Path, text: str) -> Iterator[RunningGateway]:
    write_tree(folder, {"config.yaml": text})
    with running_gateway(folder / "router", folder / "config.yaml") as gateway:
        yield gateway


def credential(name: str, url: str, key: str = "os.environ/KEY", kind: str = "openai") -> str:
    return CREDENTIAL.format(name=name, type=kind, key=key, url=url)


def run(gateway: RunningGateway, version: str, folder: Path, *options: str) -> CodexRun:
    return codex_exec(version, folder, f"http://127.0.0.1:{gateway.port}/v1", MASTER, *options)


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
def test_the_model_says_which_of_three_backends_answers(version: str, tmp_path: Path) -> None:
    round_trip = [Turn([call("exec_command", cmd="echo hello > made.txt")]), Turn([say("Claude.")])]
    with (
        backend(tmp_path / "openai", saying("GPT.")) as (url, key),
        model_twin("anthropic", round_trip) as claude,
        model_twin("gemini", [Turn([say("Gemini.")])]) as gemini,
    ):
        credentials = credential("openai", url, key)
        credentials += credential("claude", claude.twin.url, kind="anthropic")
        credentials += credential("google", gemini.twin.url, kind="gemini")
        models = "".join(
            f"  - name: {name}\n    credential: {whose}\n"
            for name, whose in (("gpt-5.5", "openai"), ("opus", "claude"), ("gemini-pro", "google"))
        )
        text = f"{SERVER}credentials:\n{credentials}models:\n{models}model_alias:\n  smart: opus\n"
        with router(tmp_path, text) as gateway:
            runs = [
                run(gateway, version, tmp_path / name, "-m", name, FREE)
                for name in ("gpt-5.5", "smart", "gemini-pro")
            ]

    assert [one.status for one in runs] == [0, 0, 0], [one.stderr for one in runs]
    assert [one.stdout.strip() for one in runs] == ["GPT.", "Claude.", "Gemini."]
    assert claude.faults == []
    assert gemini.faults == []
    assert (tmp_path / "smart" / "work" / "made.txt").read_text() == "hello\n"
    records = reversed(gateway.records())
    assert [(one.provider, one.model, one.status) for one in records] == [
        ("openai", "gpt-5.5", 200),
        ("claude", "opus", 200),
        ("claude", "opus", 200),
        ("google", "gemini-pro", 200),
    ]


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", WITH_PROFILE_FILES)
def test_a_profile_chooses_the_backend(version: str, tmp_path: Path) -> None:
    with (
        backend(tmp_path / "one", saying("One.")) as (first, first_key),
        backend(tmp_path / "two", saying("Two.")) as (second, second_key),
    ):
        credentials = credential("one", first, first_key) + credential("two", second, second_key)
        models = "  - name: gpt-5.5\n    credential: one\n  - name: other\n    credential: two\n"
        with router(tmp_path, f"{SERVER}credentials:\n{credentials}models:\n{models}") as gateway:
            base = f"http://127.0.0.1:{gateway.port}/v1"
            profile = 'model = "other"\nweb_search = "disabled"\nmodel_context_window = 200000\n'
            home = {"backend.config.toml": profile}
            answers = [
                codex_exec(version, tmp_path / name, base, MASTER, *options, files=home)
                for name, options in (("plain", ()), ("with", ("-p", "backend")))
            ]

    assert [one.status for one in answers] == [0, 0], [one.stderr for one in answers]
    assert [one.stdout.strip() for one in answers] == ["One.", "Two."]


FAILING = "[[turn]]\n[turn.failure]\nstatus = 500\n"


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
def test_a_credential_that_fails_is_banned_and_another_one_answers(
    version: str, tmp_path: Path
) -> None:
    with (
        backend(tmp_path / "bad", FAILING) as (bad, bad_key),
        backend(tmp_path / "good", saying("Here.")) as (good, good_key),
    ):
        credentials = credential("bad", bad, bad_key) + credential("good", good, good_key)
        ban = "fail2ban:\n  max_attempts: 1\n  error_codes: [500]\n"
        text = f"{SERVER}credentials:\n{credentials}models:\n  - name: gpt-5.5\n{ban}"
        with router(tmp_path, text) as gateway:
            runs = [run(gateway, version, tmp_path / name) for name in ("first", "second")]
            health = send(gateway, b"GET /health HTTP/1.1\r\nHost: router\r\n\r\n")

    assert [(one.status, one.stdout.strip()) for one in runs] == [(0, "Here."), (0, "Here.")]
    assert [one.provider for one in gateway.records()] == ["good", "good"]
    assert b'"credentials_banned": 1' in health.body


@pytest.mark.needs_codex
def test_codex_shows_the_routers_words(tmp_path: Path) -> None:
    credentials = credential("one", "http://127.0.0.1:1")
    text = f"{SERVER}credentials:\n{credentials}models:\n  - name: gpt-5.5\n"
    with router(tmp_path, text) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/v1"
        unknown = run(gateway, "0.169.0", tmp_path / "unknown", "-m", "gpt-0")
        stranger = codex_exec("0.169.0", tmp_path / "stranger", url, "sk-other")

    assert (unknown.status, stranger.status) == (1, 1)
    assert "404 Not Found: Model gpt-0 not found" in unknown.errors[-1]
    assert "401 Unauthorized: Invalid master key" in stranger.errors[-1]
