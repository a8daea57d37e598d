"""The real Codex on models that do not speak its API: tools, patches, images, reasoning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gateway_server import running_gateway
from tests.support.model_turns import Turn, call, say, think
from tests.support.model_twin import ModelTwin, model_twin, provider_toml
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree

APIS = ("openai-chat", "anthropic", "gemini")
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
