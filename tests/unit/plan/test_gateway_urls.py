"""Whatever part of the gateway's URL a spec gives, the base URL has each part once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import provisioner


def config(*options: str) -> str:
    done = provisioner("codex", "config", *options)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("base_url")]
    return line.removeprefix('base_url = "').removesuffix('"')


@pytest.mark.parametrize("below", ["", "/sub"])
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("", "/api/v2/aibridge"),
        ("/", "/api/v2/aibridge"),
        ("/api/v2/aibridge", "/api/v2/aibridge"),
        ("/api/v2/aibridge/openai/v1", "/api/v2/aibridge"),
        ("/api/v2/aibridge/chatgpt/v1/", "/api/v2/aibridge"),
        ("/api/v2/ai-gateway", "/api/v2/ai-gateway"),
        ("/api/v2/ai-gateway/openai/v1", "/api/v2/ai-gateway"),
    ],
)
@pytest.mark.parametrize(("flow", "provider"), [("byok", "openai"), ("chatgpt", "chatgpt")])
def test_coder(below: str, given: str, path: str, flow: str, provider: str) -> None:
    url = f"https://coder.example.com{below}"

    assert config("--flow", flow, "--gateway-url", url + given) == f"{url}{path}/{provider}/v1"


@pytest.mark.parametrize("given", ["https://llm.example.com/v1", "https://llm.example.com:8443"])
def test_another_server_is_taken_as_it_is(given: str) -> None:
    options = ("--flow", "centralized", "--gateway-kind", "openai-compatible")

    assert config(*options, "--gateway-url", given) == given


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://[x", "has no host, or a port that is none"),
        ("https://]", "has no host, or a port that is none"),
        ("https://x:99999", "has no host, or a port that is none"),
        ("https://x:0", "has no host, or a port that is none"),
        ("https://:443", "has no host, or a port that is none"),
        ("https://x/a/../b", 'must not have "." or ".." in its path'),
        ("https://x/v1/responses/", 'leave "/responses" out'),
        ("https://x/v1/chat/completions", 'leave "/chat/completions" out'),
        ("https://user@x", "must be an http or https URL without user or query"),
        ("ftp://x", "must be an http or https URL without user or query"),
    ],
)
def test_what_is_no_url_is_an_error(tmp_path: Path, url: str, words: str) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f'flow = "byok"\n[gateway]\nurl = "{url}"\n', encoding="utf-8")
    by_option = provisioner("codex", "config", "--flow", "byok", "--gateway-url", url)
    by_spec = provisioner("plan", spec)

    assert (by_option.returncode, by_option.stdout) == (2, "")
    assert words in by_option.stderr
    assert by_spec.returncode == 1
    assert ":3:7: error PRV012" in by_spec.stderr
    assert words in by_spec.stderr
