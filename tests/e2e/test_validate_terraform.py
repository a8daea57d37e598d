"""`provisioner validate --terraform`: the user's own Terraform is asked too, without a network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.command import provisioner

pytestmark = pytest.mark.needs_terraform

HEAD = """\
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.12"
    }
    cloud = {
      source  = "example/cloud"
      version = "~> 1.0"
    }
  }
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

provider "cloud" {
  region = "north"
}

data "cloud_image" "base" {
  family = "linux"
}

resource "cloud_machine" "this" {
  count = data.coder_workspace.me.start_count
  image = data.cloud_image.base.id
  boot  = coder_agent.main.init_script

  dynamic "disk" {
    for_each = [10, 20]

    content {
      size = disk.value
    }
  }

  lifecycle {
    ignore_changes = [image]
  }
}

output "where" {
  value = [for machine in cloud_machine.this : machine.address]
}

output "first" {
  value = cloud_machine.this[0].network[0].address
}
"""
MORE = """
resource "cloud_disk" "this" {
  size = 1

  provisioner "local-exec" {
    command = "echo ${self.address}"
  }

  lifecycle {
    ignore_changes = [tier]
  }
}

module "given" {
  source  = "example.com/team/tool/any"
  version = "1.0.0"

  providers = {
    cloud       = cloud
    cloud.other = cloud
  }
}

module "forge" {
  source = "github.com/team/module//sub?ref=v1.0.0"
}

module "ssh" {
  source = "git@github.com:team/module.git"
}
"""
MIXED = 'output "mixed" {\n  value = yamldecode("{")\n}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "main.tf").write_text(HEAD, encoding="utf-8")
    return folder


def codes(folder: Path, *more: str) -> list[tuple[str, str, int]]:
    done = provisioner("validate", folder, "--ignore", "PRV319", "--format", "json", *more)
    found = json.loads(done.stdout)["findings"]
    return [(item["code"], Path(item["path"]).name, item["start"]["line"]) for item in found]


def test_a_provider_nobody_knows_is_no_reason_for_an_error(folder: Path) -> None:
    assert codes(folder, "--terraform") == []


def test_what_only_terraform_refuses_is_a_finding_at_its_place(folder: Path) -> None:
    (folder / "more.tf").write_text(MIXED, encoding="utf-8")

    assert codes(folder) == []
    assert codes(folder, "--terraform") == [("PRV601", "more.tf", 2)]


@pytest.mark.parametrize("name", ["PRV601", "terraform-error"])
def test_a_comment_leaves_it_out(folder: Path, name: str) -> None:
    line = f'value = yamldecode("{{") # provisioner: ignore[{name}] made at the apply'
    (folder / "more.tf").write_text(f'output "mixed" {{\n  {line}\n}}\n', encoding="utf-8")

    assert codes(folder) == []
    assert codes(folder, "--terraform") == []
    done = provisioner("validate", folder, "--terraform", "--ignore", "PRV4")
    assert done.stdout == "clean: 2 files checked (1 suppressed, terraform asked about 1 folder)\n"


def test_a_comment_that_leaves_nothing_out_is_told(folder: Path) -> None:
    line = "value = 1 # provisioner: ignore[PRV601] made at the apply"
    (folder / "more.tf").write_text(f'output "mixed" {{\n  {line}\n}}\n', encoding="utf-8")

    assert codes(folder) == []
    assert codes(folder, "--terraform", "--ignore", "PRV601") == []
    assert codes(folder, "--terraform", "--ignore", "unused-suppression") == []
    assert codes(folder, "--terraform") == [("PRV003", "more.tf", 2)]


def test_what_is_known_already_is_said_once(folder: Path) -> None:
    (folder / "more.tf").write_text('output "x" {\n  value = var.nobody\n}\n', encoding="utf-8")

    assert codes(folder, "--terraform") == codes(folder) == [("PRV303", "more.tf", 2)]


def test_only_files_that_were_asked_for_are_reported(folder: Path) -> None:
    (folder / "more.tf").write_text(MIXED, encoding="utf-8")

    assert codes(folder / "main.tf", "--terraform") == []


def test_errors_in_a_local_module_are_found(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "main.tf").write_text(
        'terraform {\n  required_version = ">= 1.9"\n}\n\n' + MIXED, encoding="utf-8"
    )
    (folder / "call.tf").write_text('module "inner" {\n  source = "./inner"\n}\n', encoding="utf-8")

    assert codes(folder, "--terraform") == [("PRV601", "main.tf", 6)]


def test_the_program_can_be_chosen(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "my-terraform"
    mine.symlink_to(shutil.which("terraform") or "")

    assert codes(folder, "--terraform-program", str(mine)) == []


def test_a_program_that_is_not_there_is_said(folder: Path) -> None:
    done = provisioner("validate", folder, "--terraform-program", "no-such")

    assert (done.returncode, done.stdout) == (2, "")
    assert '"no-such" is not on PATH' in done.stderr


def test_a_rule_explains_what_terraform_says() -> None:
    done = provisioner("rule", "PRV601")

    assert done.returncode == 0
    assert done.stdout.startswith("PRV601 terraform-error (error)\n\nTerraform refuses the folder")


def test_sarif_describes_it(folder: Path) -> None:
    (folder / "more.tf").write_text(MIXED, encoding="utf-8")

    done = provisioner("validate", folder, "--terraform", "--format", "sarif")
    (run,) = json.loads(done.stdout)["runs"]
    described = {
        rule["id"]: rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]
    }

    assert described["PRV601"] == "Terraform refuses the folder."


def test_its_findings_are_selected_and_ignored_like_others(folder: Path) -> None:
    (folder / "more.tf").write_text(MIXED, encoding="utf-8")

    assert codes(folder, "--terraform", "--ignore", "PRV6") == []
    assert codes(folder, "--terraform", "--ignore", "terraform-error") == []
    assert codes(folder, "--terraform", "--select", "PRV601") == [("PRV601", "more.tf", 2)]
    assert codes(folder, "--terraform", "--select", "PRV1") == []


def test_what_a_partial_schema_lacks_is_taken_for_right(folder: Path) -> None:
    unused = '    unused = {\n      source  = "example/unused"\n      version = "~> 1.0"\n    }\n'
    text = HEAD.replace("    cloud = {\n", f"{unused}    cloud = {{\n", 1)
    (folder / "main.tf").write_text(text + MORE, encoding="utf-8")

    found = codes(folder, "--terraform")

    assert [code for code in found if code[0] in {"PRV601", "PRV602"}] == []


def test_a_folder_of_json_is_asked_about_too(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text('{"output": {"x": {"value": "${var.nobody}"}}}')

    assert [code for code, _, _ in codes(tmp_path, "--terraform")] == ["PRV601"]


def test_a_program_is_never_looked_for_in_the_folder_that_is_checked(folder: Path) -> None:
    program = folder / "mine"
    program.write_text("#!/bin/sh\necho '{\"diagnostics\": []}'\n", encoding="utf-8")
    program.chmod(0o755)

    done = provisioner("validate", folder, "--terraform-program", "./mine")

    assert done.returncode == 2
    assert '"./mine" is not on PATH, or cannot be run' in done.stderr


def test_a_program_that_is_no_terraform_gives_no_verdict(folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "odd"
    program.write_text("#!/bin/sh\necho '[]'\n", encoding="utf-8")
    program.chmod(0o755)

    done = provisioner("validate", folder, "--terraform-program", program)

    assert done.returncode == 2
    assert "gave no verdict" in done.stderr


def test_it_is_said_that_terraform_was_asked(folder: Path) -> None:
    done = provisioner("validate", folder, "--terraform")

    assert done.stdout.endswith("1 file checked (terraform asked about 1 folder)\n")
