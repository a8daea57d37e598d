"""Structured logging: one line of JSON for each record, when it is switched on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.gateway_server import gateway_process, post

QUESTION = {"model": "gpt-5.5", "input": "hello\nthere"}
SECONDS = 30


@pytest.mark.parametrize("on", [True, False])
def test_each_record_is_a_line(tmp_path: Path, *, on: bool) -> None:
    (tmp_path / "turns.toml").write_text(
        '[[turn]]\nreasoning = "hm"\n[[turn.tool_call]]\nname = "exec"\narguments = { a = 1 }\n'
    )
    (tmp_path / "gateway.toml").write_text(
        f"structured_logging = {str(on).lower()}\n[[provider]]\n"
        'name = "central"\ntype = "openai"\nupstream = "scripted"\nscript = "turns.toml"\n'
    )
    options = ("--config", str(tmp_path / "gateway.toml"))
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        post(gateway, QUESTION, path="/central/v1/responses")
        (record,) = gateway.ended(1)
        process.terminate()
        process.wait(SECONDS)
        assert process.stderr is not None
        lines = [json.loads(line) for line in process.stderr.read().splitlines()]

    kinds = [line["record_type"] for line in lines]
    if not on:
        assert kinds == []
        return
    parts = ["token_usage", "prompt_usage", "tool_usage", "model_thought"]
    assert kinds == ["interception_start", *parts, "interception_end"]
    assert {line["msg"] for line in lines} == {"interception log"}
    assert {line["interception_id"] for line in lines} == {record.id}
    assert (lines[0]["provider"], lines[0]["provider_name"]) == ("openai", "central")
    assert lines[2]["prompt"] == "hello\nthere"
    assert lines[3]["args_json"] == '{"a": 1}'
    assert lines[5]["outcome"] == "completed"
    assert gateway.token not in json.dumps(lines)
