"""What the management API tells of the configured providers, and to whom."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.gateway_api import api, ask
from tests.support.gateway_server import running_gateway

CONFIG = """
era = "2.36"
[[provider]]
name = "central"
type = "openai"
upstream = "openai"
base_url = "http://127.0.0.1:9/v1"
key_env = ["KEY_A", "KEY_B"]
[[provider]]
name = "chatgpt"
type = "openai"
upstream = "chatgpt"
enabled = false
"""
KEYS = {"KEY_A": "sk-first-0123456789abcdef", "KEY_B": "short-secret"}


def test_providers_have_the_shape_of_coder_and_keys_as_hints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "gateway.toml").write_text(CONFIG)
    before = datetime.now(UTC)
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
        body = {"token_name": "laptop"}
        made = ask(gateway, "/api/v2/users/ada/keys/tokens", method="POST", body=body)
        users = json.loads(made.body)["key"]
        text = ask(gateway, "/api/v2/ai/providers").body.decode()
        central, chatgpt = json.loads(text)
        by_id = api(gateway, f"/api/v2/ai/providers/{central['id']}")
        refused = [
            ask(gateway, path, token=users)
            for path in ("/api/v2/ai/providers", "/api/v2/ai/providers/central")
        ]

    assert by_id == central
    assert [key.pop("masked") for key in central["api_keys"]] == ["sk-f...cdef", "sh...et"]
    ids = [uuid.UUID(key.pop("id")) for key in central["api_keys"]]
    assert len({*ids, uuid.UUID(central.pop("id")), uuid.UUID(chatgpt.pop("id"))}) == 4
    assert before <= datetime.fromisoformat(central["created_at"]) <= datetime.now(UTC)
    times = {"created_at": central["created_at"], "updated_at": central["created_at"]}
    assert central == {
        "name": "central",
        "type": "openai",
        "display_name": "central",
        "icon": "",
        "base_url": "http://127.0.0.1:9/v1",
        "enabled": True,
        "settings": None,
        "upstream": "openai",
        "api_keys": [{"created_at": central["created_at"]}] * 2,
        **times,
    }
    assert (chatgpt["base_url"], chatgpt["enabled"], chatgpt["api_keys"]) == (
        "https://chatgpt.com/backend-api/codex",
        False,
        [],
    )
    assert [answer.status for answer in refused] == [403, 403]
    assert not any(key in text for key in KEYS.values())
