"""The user's terraform plans and applies against providers that are schemas, without a network."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner.errors import MissingToolError
from provisioner.finding import Severity
from provisioner.terraform.check import terraform_findings, terraform_ready

pytestmark = pytest.mark.needs_terraform

TEMPLATE = """\
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "size" {
  name    = "size"
  default = "small"
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"

  metadata {
    key      = "cpu"
    script   = "true"
    interval = 1
  }
}

resource "coder_env" "size" {
  count    = data.coder_workspace.me.start_count
  agent_id = coder_agent.main.id
  name     = "SIZE"
  value    = data.coder_parameter.size.value
}

module "codex" {
  source   = "registry.coder.com/coder-labs/codex/coder"
  version  = "5.3.1"
  agent_id = coder_agent.main.id
}

module "other" {
  source  = "example.com/team/tool/coder"
  version = ">= 1.2, < 2"
  level   = 3
}

module "near" {
  source = "./near"
}

output "seen" {
  value = [module.other.url, module.near.name, module.codex.scripts]
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    (folder / "near").mkdir(parents=True)
    (folder / "main.tf").write_text(TEMPLATE, encoding="utf-8")
    (folder / "near" / "main.tf").write_text(
        'output "name" {\n  value = "n"\n}\n', encoding="utf-8"
    )
    return folder


def terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_plan_apply_and_destroy(folder: Path) -> None:
    with terraform_ready(folder) as environment:
        assert terraform_findings(folder, environment) == []
        terraform(folder, environment, "plan", "-out=plan")
        plan = json.loads(terraform(folder, environment, "show", "-json", "plan"))
        terraform(folder, environment, "apply", "plan")
        again = terraform(folder, environment, "plan", "-no-color")
        terraform(folder, environment, "destroy", "-auto-approve")

    planned = {item["address"]: item for item in plan["resource_changes"]}
    change = planned["coder_env.size[0]"]["change"]
    assert change["after"] == {"name": "SIZE", "value": "small", "merge_strategy": None}
    assert change["after_unknown"] == {"agent_id": True, "id": True}
    assert planned["coder_agent.main"]["change"]["after_sensitive"]["token"] is True
    assert "No changes" in again


def places(folder: Path) -> set[tuple[str, int, int, str]]:
    with terraform_ready(folder) as environment:
        found = terraform_findings(folder, environment)
    assert all(item.severity is Severity.ERROR for item in found)
    return {
        (Path(item.path).name, item.span.start.line, item.span.start.column, item.message)
        for item in found
    }


def test_errors_are_findings_at_their_place(folder: Path) -> None:
    (folder / "é.tf").write_bytes(
        '\ufeffresource "coder_env" "e" {\n  /* é👩‍👩‍👧 */ nme = "é"\n}\n'.encode()
    )

    assert places(folder) == {
        ("é.tf", 1, 26, "Terraform: Missing required argument"),
        ("é.tf", 2, 16, "Terraform: Unsupported argument"),
    }


def test_inputs_that_a_module_does_not_have_are_errors(folder: Path) -> None:
    (folder / "codex.tf").write_text(
        'module "two" {\n  source  = "registry.coder.com/coder-labs/codex/coder"\n'
        '  version = "~> 5.0"\n  agentid = "x"\n}\n',
        encoding="utf-8",
    )

    assert places(folder) == {
        ("codex.tf", 1, 14, "Terraform: Missing required argument"),
        ("codex.tf", 4, 3, "Terraform: Unsupported argument"),
    }


def test_modules_of_one_name_are_an_error(folder: Path) -> None:
    (folder / "twice.tf").write_text(
        'module "other" {\n  source = "example.com/team/tool/coder"\n}\n', encoding="utf-8"
    )

    assert ("twice.tf", 1, 1, "Terraform: Duplicate module call") in places(folder)


def test_a_missing_program_is_said(folder: Path) -> None:
    with (
        terraform_ready(folder) as environment,
        pytest.raises(MissingToolError, match='"no-such-terraform" is not on PATH'),
    ):
        terraform_findings(folder, environment, "no-such-terraform")


def test_what_a_data_source_lists_can_be_taken_from(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """data "aws_availability_zones" "all" {}

data "coder_workspace_owner" "me" {}

output "seen" {
  value = [
    data.aws_availability_zones.all.names[0],
    tolist(data.aws_availability_zones.all.zone_ids)[0],
    keys(data.coder_workspace_owner.me.rbac_roles[0]),
  ]
}

terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
""",
        encoding="utf-8",
    )
    with terraform_ready(tmp_path) as environment:
        terraform(tmp_path, environment, "plan", "-out=plan")
        plan = json.loads(terraform(tmp_path, environment, "show", "-json", "plan"))

    assert plan["planned_values"]["outputs"]["seen"]["value"] == [
        "names-of-me",
        "zone_ids-of-me",
        ["name", "org_id"],
    ]
