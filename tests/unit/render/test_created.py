"""What `plan` says a template creates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.plan.resolve import resolve
from provisioner.render.created import Created, created
from provisioner.spec.load import load
from tests.support.command import ROOT, provisioner
from tests.support.specs import plan_for
from tests.support.tree import write_tree

REGISTRY = "registry.coder.com/coder-labs/codex/coder ~> 5.0"
TOKEN = Created("coder_env.coder_api_token", "CODER_API_TOKEN, a secret", is_secret=True)


def test_the_token_of_a_flow_is_a_secret_variable() -> None:
    assert created(plan_for("byok")) == (
        Created("coder_app.codex", "Codex"),
        TOKEN,
        Created("module.codex", REGISTRY),
    )


def test_every_block_of_an_elaborate_template_is_there() -> None:
    found = created(resolve(load(ROOT / "examples" / "everything.toml")))

    assert {item.address: item.what for item in found} == {
        "coder_ai_task.codex": "coder_app.codex.id",
        "coder_app.codex": "Codex",
        "coder_env.coder_api_token": "CODER_API_TOKEN, a secret",
        "coder_env.codex_task_prompt": "CODEX_TASK_PROMPT",
        "data.coder_parameter.codex_model": "Codex model",
        "data.coder_parameter.codex_model_reasoning_effort": "Reasoning effort",
        "data.coder_secret.openai_api_key": "OPENAI_API_KEY",
        "data.coder_task.me": "",
        "data.coder_workspace_preset.codex_quick": "quick",
        "data.coder_workspace_preset.codex_review": "review",
        "module.codex": "./modules/codex",
    }
    assert [item for item in found if item.is_secret] == [TOKEN]


def test_a_template_that_cannot_be_rendered_creates_nothing() -> None:
    with pytest.raises(InputError, match=r"needs gateway\.url"):
        created(plan_for("centralized", gateway={"kind": "openai-compatible"}))


def test_a_template_of_ones_own_need_not_be_like_ours(tmp_path: Path) -> None:
    block = 'resource "coder_env" "a" {\n  value = "sk-literal"\n}\n'
    template = write_tree(tmp_path, {"codex.tf.j2": block})
    plan = plan_for("byok", template={"folder": str(template)})

    assert created(plan) == (Created("coder_env.a", ""),)
    write_tree(tmp_path, {"codex.tf.j2": "resource {"})
    with pytest.raises(InputError, match=r"codex\.tf is no Terraform: "):
        created(plan)


def test_plan_shows_it_and_is_good_without_it(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "byok.toml": 'flow = "byok"\n',
            "other.toml": 'flow = "centralized"\ngateway.kind = "openai-compatible"\n',
        },
    )

    text = provisioner("plan", "byok.toml", cwd=tmp_path).stdout.splitlines()
    data = json.loads(provisioner("plan", "byok.toml", "--format", "json", cwd=tmp_path).stdout)
    other = provisioner("plan", "other.toml", cwd=tmp_path)

    shown = [line.split(maxsplit=1)[1] for line in text if line.startswith("creates ")]
    assert shown == [
        "coder_app.codex  (Codex)",
        "coder_env.coder_api_token  (CODER_API_TOKEN, a secret)",
        f"module.codex  ({REGISTRY})",
    ]
    assert data["creates"][1] == {
        "address": "coder_env.coder_api_token",
        "what": "CODER_API_TOKEN, a secret",
        "is_secret": True,
    }
    assert other.returncode == 0
    assert "no template  (a template for " in other.stdout.splitlines()[-1]
