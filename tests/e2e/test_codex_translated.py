"""The real Codex on models that do not speak its API: tools, patches, images, reasoning."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_server import running_gateway
from tests.support.model_turns import Turn, call, say, think
from tests.support.model_twin import ModelTwin, model_twin, provider_toml
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree

APIS = ("openai-chat", "anthropic", "gemini", "vertex")
SIGNING = ("anthropic", "gemini")
VERSIONS = (
    ("0.122.0", "gpt-5.4"),
    ("0.134.0", "gpt-5.5"),
    ("0.163.0", "gpt-5.5"),
    ("0.169.0", "gpt-5.5"),
    ("0.169.0", "gpt-6-sol"),
    ("0.169.0", "a-model-codex-does-not-know"),
)
FREE = "--dangerously-bypass-approvals-and-sandbox"


@pytest.fixture(autouse=True)
def key(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("KEY", "service-key")


def run_codex(service: ModelTwin, folder: Path, version: str, *options: str) -> CodexRun:
    write_tree(folder, {"gateway.toml": provider_toml(service.api, service.twin.url)})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"
        return codex_exec(version, folder / "codex", url, gateway.token, *options)


@pytest.mark.needs_codex
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("version", "model"), VERSIONS)
def test_a_command_and_its_output_go_round(
    api: str, version: str, model: str, tmp_path: Path
) -> None:
    line = "echo hello > made.txt && cat made.txt"
    if model == "gpt-6-sol":
        command = call("exec", input=f'text(await tools.exec_command({{cmd: "{line}"}}));')
    else:
        command = call("exec_command", cmd=line)
    turns = [Turn([think("I should look."), say("Looking."), command]), Turn([say("Done.")])]
    with model_twin(api, turns) as service:
        run = run_codex(service, tmp_path, version, "-m", model, FREE)

    assert (run.status, run.stdout.strip()) == (0, "Done."), run.stderr
    assert service.faults == []
    assert (tmp_path / "codex" / "work" / "made.txt").read_text() == "hello\n"
    assert len(service.bodies) == 2
    assert "hello" in str(service.bodies[1])


PATCH = "*** Begin Patch\n*** Add File: note.txt\n+patched\n*** End Patch\n"
BOTH_FORMS = (
    ("0.122.0", "gpt-5.4"),
    ("0.134.0", "gpt-5.5"),
    ("0.163.0", "gpt-5.5"),
    ("0.169.0", "gpt-5.5"),
)


@pytest.mark.needs_codex
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("version", "model"), BOTH_FORMS)
def test_a_patch_is_applied_and_calls_go_side_by_side(
    api: str, version: str, model: str, tmp_path: Path
) -> None:
    calls = [
        call("apply_patch", input=PATCH),
        call("exec_command", cmd="echo one"),
        call("exec_command", cmd="echo two"),
    ]
    with model_twin(api, [Turn(calls), Turn([say("Done.")])]) as service:
        run = run_codex(service, tmp_path, version, "-m", model, FREE)

    assert (run.status, run.stdout.strip()) == (0, "Done."), run.stderr
    assert service.faults == []
    assert (tmp_path / "codex" / "work" / "note.txt").read_text() == "patched\n"
    second = service.bodies[1]
    assert [name for name, _ in results(api, second)] == [0, 1, 2]
    assert "note.txt" in results(api, second)[0][1]
    assert "one" in results(api, second)[1][1]
    assert "two" in results(api, second)[2][1]


def results(api: str, body: Any) -> list[tuple[int, str]]:
    """Return the results in the last turn: the number of the call that each is of, and its text."""
    if api == "openai-chat":
        said = body["messages"][-4]["tool_calls"]
        order = [one["id"] for one in said]
        found = body["messages"][-3:]
        return [(order.index(one["tool_call_id"]), one["content"]) for one in found]
    if api == "anthropic":
        said = [one for one in body["messages"][-2]["content"] if one["type"] == "tool_use"]
        order = [one["id"] for one in said]
        found = body["messages"][-1]["content"]
        return [(order.index(one["tool_use_id"]), json.dumps(one["content"])) for one in found]
    said = [one["functionCall"] for one in body["contents"][-2]["parts"] if "functionCall" in one]
    order = [one["id"] for one in said]
    found = [one["functionResponse"] for one in body["contents"][-1]["parts"]]
    return [(order.index(one["id"]), one["response"]["output"]) for one in found]


@pytest.mark.needs_codex
@pytest.mark.parametrize("api", SIGNING)
@pytest.mark.parametrize(("version", "model"), VERSIONS)
def test_sealed_reasoning_comes_back_where_it_was(
    api: str, version: str, model: str, tmp_path: Path
) -> None:
    name, arguments = (
        ("exec", {"input": "text('x');"})
        if model == "gpt-6-sol"
        else ("exec_command", {"cmd": "true"})
    )
    turns = [
        Turn([think("First.", "Zmlyc3Q="), call(name, **arguments)]),
        Turn([say("So."), think("Second.", "c2Vjb25k"), call(name, **arguments)]),
        Turn([say("Done.")]),
    ]
    with model_twin(api, turns) as service:
        run = run_codex(service, tmp_path, version, "-m", model, FREE)

    assert (run.status, run.stdout.strip().splitlines()[-1]) == (0, "Done."), run.stderr
    assert service.faults == []
    last = service.bodies[2]
    if api == "anthropic":
        said = [one["content"] for one in last["messages"] if one["role"] == "assistant"]
        assert [[block["type"] for block in one] for one in said] == [
            ["thinking", "tool_use"],
            ["text", "thinking", "tool_use"],
        ]
        assert said[0][0] == {"type": "thinking", "thinking": "First.", "signature": "Zmlyc3Q="}
        assert said[1][1] == {"type": "thinking", "thinking": "Second.", "signature": "c2Vjb25k"}
    else:
        said = [one["parts"] for one in last["contents"] if one["role"] == "model"]
        assert [part["thoughtSignature"] for part in said[0]] == ["Zmlyc3Q="]
        assert [part.get("thoughtSignature") for part in said[1]] == [None, "c2Vjb25k"]
        assert "functionCall" in said[1][1]


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.needs_codex
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("version", "model"), [*BOTH_FORMS, ("0.169.0", "gpt-6-sol")])
def test_images_of_the_user_and_of_tools_are_seen(
    api: str, version: str, model: str, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    look = call("view_image", path=str(picture))
    if model == "gpt-6-sol":
        look = call(
            "exec", input=f"image(await tools.view_image({{path: {json.dumps(str(picture))}}}));"
        )
    with model_twin(api, [Turn([look]), Turn([say("A dot.")])]) as service:
        run = run_codex(service, tmp_path, version, "-m", model, FREE, "-i", str(picture), "--")

    assert (run.status, run.stdout.strip()) == (0, "A dot."), run.stderr
    assert service.faults == []
    data = base64.b64encode(PNG).decode()
    assert [json.dumps(body).count(data) for body in service.bodies] == [1, 2]


@pytest.mark.needs_codex
@pytest.mark.parametrize("api", APIS)
def test_usage_reaches_codex(api: str, tmp_path: Path) -> None:
    turn = Turn([think("Hm."), say("Done.")], read=1000, cached=300, wrote=70, thought=30)
    with model_twin(api, [turn]) as service:
        run = run_codex(service, tmp_path, "0.169.0", "--json")

    last = json.loads(run.stdout.splitlines()[-1])
    assert last["type"] == "turn.completed"
    usage = last["usage"]
    assert (usage["input_tokens"], usage["cached_input_tokens"]) == (1000, 300)
    assert (usage["output_tokens"], usage["reasoning_output_tokens"]) == (70, 30)
