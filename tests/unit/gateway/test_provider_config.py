"""What a provider's table may say, and where its keys come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.gateway.config import configured
from provisioner.gateway.providers import build_providers, configured_keys
from provisioner.gateway.upstreams.http_client import HttpClient


def table(upstream: str, more: str = "", kind: str = "openai") -> str:
    return f'[[provider]]\nname = "p"\ntype = "{kind}"\nupstream = "{upstream}"\n{more}\n'


def load(folder: Path, text: str) -> None:
    (folder / "g.toml").write_text(text)
    config = configured(folder / "g.toml", host=None, port=None)
    build_providers(config.provider, configured_keys(config.provider), HttpClient(), config.era)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            table("scripted", 'key_env = ["K"]'),
            '`key_env` means nothing to the upstream "scripted"',
        ),
        (table("scripted", "idle_seconds = 3"), "`idle_seconds` means nothing to the upstream"),
        (table("openai", 'script = "x"'), '`script` means nothing to the upstream "openai"'),
        (table("chatgpt", 'key_env = ["K"]'), '`key_env` means nothing to the upstream "chatgpt"'),
        (table("replay"), 'the upstream "replay" needs `recording`'),
        (
            table("gemini", kind="anthropic"),
            'the upstream "gemini" is for providers of type "openai"',
        ),
        (table("vertex"), 'the upstream "vertex" needs `base_url`, which names the project'),
        (
            table("openai", 'leave_out = ["x"]'),
            '`leave_out` means nothing to the upstream "openai"',
        ),
        (
            table("anthropic", "max_output_tokens = 9", "anthropic"),
            "`max_output_tokens` means nothing",
        ),
        (
            table("gemini", "max_output_tokens = 0"),
            "provider[1].max_output_tokens: input should be",
        ),
        (table("chatgpt", kind="anthropic"), 'is for providers of type "openai"'),
        (table("gemini", kind="google"), 'the upstream "gemini" is for providers of type "openai"'),
        (table("openai", kind="anthropic"), 'is for providers of type "openai"'),
        (table("anthropic", kind="bedrock"), 'the type "bedrock" signs its requests, which this'),
        (
            table("openai", kind="azure"),
            'the type "azure" needs `base_url`, such as https://<resource>.openai.azure.com/',
        ),
        (table("openai", kind="openai-compat"), 'the type "openai-compat" needs `base_url`'),
        (
            table("openai", 'key_env = ["K"]', "copilot"),
            '`key_env` means nothing to the type "copilot": users bring a login',
        ),
        (table("openai", 'proxy_env = "K"'), "`proxy_env` needs `proxy`"),
        (
            table("openai", 'proxy_env = "NO_LOGIN"\nproxy = "http://p:1"'),
            'the environment variable "NO_LOGIN" must hold user:password for the proxy',
        ),
        (table("openai", 'base_url = "ftp://x"'), "it must be an http or https URL with a host"),
        (table("openai", 'base_url = "http://x:y"'), "it must be an http or https URL with a host"),
        (table("openai", 'base_url = "https://u:p@x"'), "it must have no user, password"),
        (table("openai", 'base_url = "https://x/v1?a=b"'), "it must have no user, password"),
        (table("openai", 'key_env = ["K", "K"]'), "`key_env` names a variable twice"),
        (table("openai", "idle_seconds = 0"), "provider[1].idle_seconds: input should be greater"),
        ('era = "2.36"\n' + table("openai", 'key_env = ["1","2","3","4","5","6"]'), "key_env"),
        (
            table("openai", 'key_env = ["K", "L"]'),
            'provider[1].key_env: several keys need era "2.36"',
        ),
        ('condition = "over-budget"', 'condition "over-budget" needs era "2.36"'),
        ('era = "2.30"', "era: input should be '2.32' or '2.36'"),
        (
            table("openai", 'key_env = ["K"]'),
            'provider[1]: provider "p": the environment variable "K" is not set; put the',
        ),
        (table("replay", 'recording = "none"'), 'none" holds no recorded exchange'),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("upstream", "kind", "url"),
    [
        ("openai", "openai", "https://api.openai.com/v1"),
        ("openai", "copilot", "https://api.individual.githubcopilot.com"),
        ("openai", "google", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("openai", "openrouter", "https://openrouter.ai/api/v1"),
        ("openai", "vercel", "https://ai-gateway.vercel.sh/v1"),
        ("chatgpt", "openai", "https://chatgpt.com/backend-api/codex"),
        ("anthropic", "anthropic", "https://api.anthropic.com"),
        ("anthropic", "openai", "https://api.anthropic.com"),
        ("openai-chat", "openai", "https://api.openai.com/v1"),
        ("gemini", "openai", "https://generativelanguage.googleapis.com"),
    ],
)
def test_where_requests_go_by_default(tmp_path: Path, upstream: str, kind: str, url: str) -> None:
    (tmp_path / "g.toml").write_text(table(upstream, kind=kind))

    assert configured(tmp_path / "g.toml", host=None, port=None).provider[0].url == url


def test_a_key_that_is_there_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", "sk-same")
    monkeypatch.setenv("L", " sk-same\n")

    with pytest.raises(InputError) as caught:
        load(tmp_path, 'era = "2.36"\n' + table("openai", 'key_env = ["K", "L"]'))

    assert str(caught.value) == 'provider[1]: provider "p": "L" repeats another key'


def test_a_blank_key_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", " \n")

    with pytest.raises(InputError, match='"K" is not set'):
        load(tmp_path, table("openai", 'key_env = ["K"]'))
