"""The README of modules/codex: its form, its examples, and that it names every input."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from provisioner.terraform.check import terraform_findings, terraform_ready
from tests.contract.test_registry_readme import KNOWN_KEYS, parts, without_code
from tests.support.codex_module import MODULE
from tests.support.command import provisioner
from tests.support.tree import read_tree

README = MODULE / "README.md"
BLOCKS = re.findall(r"^```tf\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
AROUND = """\
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.12"
    }
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
"""
NEEDED = {
    "data.coder_workspace.me": 'data "coder_workspace" "me" {}\n',
    "data.coder_workspace_owner.me": 'data "coder_workspace_owner" "me" {}\n',
    "var.codex_sha256": 'variable "codex_sha256" {\n  type        = string\n  description = "Sum."\n}\n',
}  # fmt: skip


def test_it_has_the_form_that_the_registry_asks_for() -> None:
    front, body = parts(README)
    lines = without_code(body)
    headings = [line for line in lines if line.startswith("#")]
    levels = [len(line) - len(line.lstrip("#")) for line in headings]
    first = body.index(next(line for line in body[2:] if line.startswith("## ")))

    assert set(front) <= KNOWN_KEYS
    assert next(line for line in lines if line).startswith("# ")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert body[:first].count("```tf") == 1
    assert {line for line in body if line.startswith("```")} == {"```", "```tf"}
    for number, line in enumerate(body):
        if line.startswith("> [!"):
            assert re.fullmatch(r"> \[!(NOTE|IMPORTANT|CAUTION|WARNING|TIP)\]", line)
            assert body[number + 1].startswith("> ")


def test_it_names_every_input_and_output() -> None:
    text = "".join(path.read_text() for path in MODULE.glob("*.tf"))
    names = re.findall(r'^(?:variable|output) "(\w+)"', text, re.MULTILINE)
    told = README.read_text()

    assert [name for name in names if f"`{name}`" not in told] == ["agent_id", "icon"]


@pytest.mark.needs_terraform
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_its_examples_are_valid_and_nothing_is_found_in_them(number: int, tmp_path: Path) -> None:
    block = BLOCKS[number]
    around = AROUND + "".join(f"\n{text}" for name, text in NEEDED.items() if name in block)
    (tmp_path / "main.tf").write_text(f"{around}\n{block}")
    (tmp_path / "config.toml").write_text('model = "gpt-5.5"\n')
    for name, content in read_tree(MODULE).items():
        path = tmp_path / "modules" / "codex" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with terraform_ready(tmp_path) as environment:
        assert terraform_findings(tmp_path, environment) == []

    done = provisioner("validate", "--format", "json", tmp_path)

    assert json.loads(done.stdout)["findings"] == []
