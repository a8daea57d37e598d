"""The dialect auto-ai-router beyond single exchanges: files that are wrong, keys that are over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.gateway.config import configured
from provisioner.gateway.server import GatewayServer
from tests.support.command import provisioner
from tests.support.gateway_server import gateway_process, post, running_gateway, send
from tests.support.tree import write_tree

QUESTION = {"model": "gpt-5.5", "input": "hello"}
SERVER = "server:\n  port: 8081\n  master_key: os.environ/MASTER\n"
CREDENTIAL = """\
credentials:
  - name: main
    type: openai
    api_key: os.environ/KEY
    base_url: http://127.0.0.1:1
"""
MODELS = "models:\n  - name: gpt-5.5\n"
TOML = 'dialect = "auto-ai-router"\nrouter_config = "config.yaml"\n'


@pytest.fixture(autouse=True)
def keys(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("MASTER", "sk-master")
    monkeypatch.setenv("KEY", "sk-key")


def refusal(folder: Path, files: dict[str, str], name: str) -> str:
    write_tree(folder, files)
    with pytest.raises(InputError) as refused:
        GatewayServer(configured(folder / name, host=None, port=0), folder / "state")
    return str(refused.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SERVER.replace("  master_key: os.environ/MASTER\n", "") + CREDENTIAL, "config.yaml:1:1: master_key is required"),
        (SERVER, "config.yaml:1:1: no credentials configured"),
        (SERVER + CREDENTIAL.replace("    api_key: os.environ/KEY\n", ""), "config.yaml:5:11: credential main: api_key is required"),
        (SERVER + CREDENTIAL.replace("type: openai", "type: opnai"), "config.yaml:6:11: credential main: invalid type: opnai (must be 'openai', 'vertex-ai', 'gemini', 'anthropic', 'bedrock', or 'proxy')"),
        (SERVER + CREDENTIAL + "    rpm: 0\n", "config.yaml:9:10: credential main: invalid rpm: 0 (must be -1 for unlimited or positive number)"),
        (SERVER + CREDENTIAL.replace("/KEY", "/NONE"), 'config.yaml:7:14: credential main: api_key: the variable "NONE" is not set'),
        ("server: [\n", "config.yaml:2:1: it is not YAML: expected the node content, but found '<stream end>'"),
        ("- 1\n", "config.yaml:1:1: the file must be a table with server, credentials and models"),
    ],
)  # fmt: skip
def test_a_file_is_refused_with_the_place_and_the_routers_words(
    text: str, told: str, tmp_path: Path
) -> None:
    lines = refusal(tmp_path, {"config.yaml": text}, "config.yaml").splitlines()

    assert told in [line.partition(";")[0] for line in lines]


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('dialect = "auto-ai-router"\n', "go together"),
        ('router_config = "config.yaml"\n', "go together"),
        (TOML + '[[provider]]\nname = "a"\ntype = "openai"\nupstream = "scripted"\n', "`provider` stands in the router's own file"),
        (TOML + '[[budget]]\nname = "b"\nscope = "principal"\nwindow = "day"\nlimit_requests = 1\nprovider = "other"\n', 'no credential is "other"'),
        (TOML + '[auto_ai_router]\nfollow = "me"\n', "auto_ai_router.follow"),
    ],
)  # fmt: skip
def test_the_gateways_own_file_must_fit(toml: str, told: str, tmp_path: Path) -> None:
    files = {"gateway.toml": toml, "config.yaml": SERVER + CREDENTIAL + MODELS}

    assert told in refusal(tmp_path, files, "gateway.toml")


def test_the_port_is_that_of_the_file_unless_another_is_given(tmp_path: Path) -> None:
    write_tree(tmp_path, {"config.yaml": SERVER + CREDENTIAL, "gateway.toml": TOML})
    path = tmp_path / "config.yaml"

    assert configured(path, host=None, port=None).listen.port == 8081
    assert configured(path, host=None, port=7).listen.port == 7
    assert configured(tmp_path / "gateway.toml", host=None, port=None).listen.port == 4001


def test_a_key_that_is_revoked_or_over_is_told_apart(tmp_path: Path) -> None:
    more = "litellm_db:\n  enabled: true\n  database_url: os.environ/KEY\n"
    write_tree(tmp_path, {"config.yaml": SERVER + CREDENTIAL + MODELS + more})
    state = str(tmp_path / "state")
    with running_gateway(tmp_path / "state", tmp_path / "config.yaml") as gateway:
        made = provisioner("gateway", "token", "create", "--user", "ada", "--state", state, "--format", "json")  # fmt: skip
        token = json.loads(made.stdout)
        headers = {"Authorization": f"Bearer {token['token']}"}
        provisioner("gateway", "token", "revoke", token["id"], "--state", state)
        reply = post(gateway, QUESTION, path="/v1/responses", headers=headers)

    assert (reply.status, json.loads(reply.body)["error"]) == (
        403,
        {"message": "Token blocked", "type": "permission_denied", "param": None, "code": None},
    )


def test_the_command_takes_the_routers_file_and_tells_what_has_no_effect(tmp_path: Path) -> None:
    text = SERVER + "  tiktoken_enabled: true\n" + CREDENTIAL + MODELS
    write_tree(tmp_path, {"config.yaml": text})
    config = str(tmp_path / "config.yaml")
    with gateway_process(tmp_path / "state", "--config", config) as (process, gateway):
        health = send(gateway, b"GET /health HTTP/1.1\r\nHost: router\r\n\r\n")
        metrics = send(gateway, b"GET /metrics HTTP/1.1\r\nHost: router\r\n\r\n")
        process.terminate()
        told = process.communicate()[1]

    assert (health.status, metrics.status) == (200, 200)
    assert json.loads(health.body)["credentials_available"] == 1
    assert f"{config}:4: server: `tiktoken_enabled` has no effect in this gateway" in told
    assert "sk-" not in told


def test_without_prometheus_metrics_need_a_key(tmp_path: Path) -> None:
    text = SERVER + CREDENTIAL + MODELS + "monitoring:\n  prometheus_enabled: false\n"
    write_tree(tmp_path, {"config.yaml": text})
    with running_gateway(tmp_path / "state", tmp_path / "config.yaml") as gateway:
        head = "GET /metrics HTTP/1.1\r\nHost: router\r\n"
        replies = [
            send(gateway, f"{head}{more}\r\n".encode())
            for more in ("", "Authorization: Bearer sk-master\r\n")
        ]

    assert [reply.status for reply in replies] == [401, 200]
