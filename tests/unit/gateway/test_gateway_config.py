"""The gateway's configuration file: defaults, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.gateway.config import configured, database_address, default_state
from provisioner.gateway.providers import build_providers, configured_keys
from provisioner.gateway.upstreams.http_client import HttpClient
from tests.support.tree import write_tree

OPENAI = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'


def test_the_default_needs_no_file() -> None:
    config = configured(None, host=None, port=None)

    assert (config.dialect, config.allow_byok) == ("coder", True)
    assert (config.listen.host, config.listen.port) == ("127.0.0.1", 4001)
    assert [(entry.name, entry.upstream) for entry in config.provider] == [("openai", "scripted")]


def test_the_environment_names_a_database_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "g.toml").write_text('database = "postgresql://gateway@db/gateway"\n')
    config = configured(tmp_path / "g.toml", host=None, port=None)

    assert database_address(config) == "postgresql://gateway@db/gateway"
    assert database_address(None) is None
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", "postgresql://other:pw@db/gateway")
    assert database_address(config) == "postgresql://other:pw@db/gateway"


def test_a_password_in_the_file_is_refused_and_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text('database = "postgresql://gateway:hush-hush@db/gateway"\n')

    with pytest.raises(InputError, match="database: a password does not belong") as error:
        configured(tmp_path / "g.toml", host=None, port=None)

    assert "hush" not in str(error.value)


def test_options_win_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text('[listen]\nhost = "::1"\nport = 9\n')

    assert configured(tmp_path / "g.toml", host=None, port=None).listen.port == 9
    listen = configured(tmp_path / "g.toml", host="0.0.0.0", port=0).listen
    assert (listen.host, listen.port) == ("0.0.0.0", 0)


def test_a_script_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    text = f'{OPENAI}script = "scripts/turns.toml"\n'
    write_tree(tmp_path, {"g.toml": text, "scripts/turns.toml": '[[turn]]\ntext = "hi"\n'})

    config = configured(tmp_path / "g.toml", host=None, port=None)

    assert config.provider[0].script == tmp_path / "scripts" / "turns.toml"
    assert set(
        build_providers(config.provider, configured_keys(config.provider), HttpClient(), config.era)
    ) == {"openai"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dialect = x", "not valid TOML: Invalid value (at line 1, column 11)"),
        ('dialect = "other"', "dialect: input should be 'auto-ai-router', 'coder'"),
        ("colour = 1", "colour: unknown key"),
        ("[listen]\nport = 65536", "listen.port: input should be less than or equal to 65535"),
        ('[listen]\nhost = "http://x"', 'listen.host: "http://x" is not a host name or address'),
        ("provider = []", "provider: tuple should have at least 1 item"),
        (f"{OPENAI}{OPENAI}", 'provider[2].name: "openai" is already taken'),
        (
            OPENAI.replace('"openai"', '"Open_AI"', 1),
            'provider[1].name: "Open_AI" must be lower-case letters',
        ),
        (OPENAI.replace('"scripted"', '"x"'), "provider[1].upstream: input should be 'scripted'"),
        ("retention_days = -1", "retention_days: input should be greater than or equal to 0"),
        (
            '[token_check]\nkind = "coder"\nurl = "https://h"\nsecret_env = "X"',
            "token_check: secret_env is for a webhook; Coder knows the token alone",
        ),
        (
            '[token_check]\nkind = "coder"\nurl = "https://h"\ncache_seconds = 61',
            "token_check.cache_seconds: input should be less than or equal to 60",
        ),
        (f"{OPENAI}key = 1", "provider[1].key: unknown key"),
        ('[[provider]]\nname = "a"', "provider[1].type: field required"),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "g.toml"
    path.write_text(text)

    with pytest.raises(InputError) as caught:
        configured(path, host=None, port=None)

    assert f"{path}: {message}" in str(caught.value)


def test_a_missing_file_and_a_missing_script(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*No such file"):
        configured(tmp_path / "none.toml", host=None, port=None)

    (tmp_path / "g.toml").write_text(f'{OPENAI}script = "none.toml"\n')
    config = configured(tmp_path / "g.toml", host=None, port=None)
    with pytest.raises(InputError, match=r"cannot read .*none\.toml"):
        build_providers(config.provider, configured_keys(config.provider), HttpClient(), config.era)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("/var/state", "/var/state"),
        ("relative", "/home/ada/.local/state"),
        ("", "/home/ada/.local/state"),
    ],
)
def test_where_state_is_kept(monkeypatch: pytest.MonkeyPatch, base: str, expected: str) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_STATE_HOME", base)

    assert default_state() == Path(expected) / "provisioner" / "gateway"
