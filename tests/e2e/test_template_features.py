"""What a spec can add to a template, planned by the real Terraform without a network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provisioner.assets import template_names
from provisioner.render.template import render
from provisioner.terraform.check import terraform_findings
from tests.support.command import ROOT
from tests.support.planned_template import Planned, planned, ready, written
from tests.support.specs import FLOW_NAMES, plan_for

pytestmark = pytest.mark.needs_terraform

GOLDEN = ROOT / "tests" / "golden"
# Those are planned in test_template_plans.
BASIC = {
    f"{template}-{flow}{source}"
    for template in template_names()
    for flow in FLOW_NAMES
    for source in ("", "-bundled")
}
MORE = sorted(path.parent.name for path in GOLDEN.glob("*/spec.toml"))
SECOND_AGENT = """
resource "coder_agent" "gpu" {
  arch = "amd64"
  os   = "linux"
}
"""


def planned_golden(name: str, place: Path) -> Planned:
    folder = shutil.copytree(GOLDEN / name / "expected", place / "template")
    with ready(folder) as environment:
        assert terraform_findings(folder, environment) == []
        return planned(folder, environment)


@pytest.mark.parametrize("name", [name for name in MORE if name not in BASIC])
def test_every_other_golden_can_be_planned(name: str, tmp_path: Path) -> None:
    found = planned_golden(name, tmp_path)

    assert len(found.of_type("docker_container")) == 1


def test_secrets_tasks_and_presets_are_planned(tmp_path: Path) -> None:
    found = planned_golden("docker-byok-everything", tmp_path)

    secret = found.data["data.coder_secret.openai_api_key"]
    assert (secret["env"], "coder secret create openai" in secret["help_message"]) == (
        "OPENAI_API_KEY",
        True,
    )
    review = found.data["data.coder_workspace_preset.codex_review"]
    assert (review["default"], review["parameters"]) == (
        True,
        {
            "codex_model": "gpt-5.6-sol",
            "codex_model_reasoning_effort": "high",
            "memory_gb": "16",
        },
    )
    variables = {item["after"]["name"]: item for item in found.of_type("coder_env")}
    assert {name: item["after_sensitive"].get("value") for name, item in variables.items()} == {
        "CODER_API_TOKEN": True,
        "CODEX_TASK_PROMPT": None,
    }
    assert variables["CODEX_TASK_PROMPT"]["after"]["value"] == "prompt-of-me"
    (task,) = found.of_type("coder_ai_task")
    assert "app_id" not in task["after"]  # That of the launcher, which is not made yet.
    assert task["after_unknown"]["app_id"] is True


def test_two_agents_get_codex_each(tmp_path: Path) -> None:
    mine = shutil.copytree(ROOT / "templates" / "docker", tmp_path / "mine")
    (mine / "template.toml").write_text('agents = ["main", "gpu"]\n', encoding="utf-8")
    main = mine / "main.tf"
    main.write_text(main.read_text(encoding="utf-8") + SECOND_AGENT, encoding="utf-8")
    plan = plan_for("byok", template={"folder": str(mine)})
    folder = written(tmp_path / "out", render(plan))
    with ready(folder) as environment:
        assert terraform_findings(folder, environment) == []
        found = planned(folder, environment)

    launchers = [item["after"]["slug"] for item in found.of_type("coder_app")]
    assert sorted(launchers) == ["code-server", "codex", "codex-gpu"]
    assert {name for name in found.resources if name.startswith("coder_env.")} == {
        "coder_env.coder_api_token",
        "coder_env.coder_api_token_gpu",
    }
