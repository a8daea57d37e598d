"""What docs/validating.md says beside its commands, which test_readme.py runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioner import __version__
from provisioner.validate.run import validate
from tests.support.checkouts import add_template
from tests.support.command import ROOT, provisioner
from tests.support.tree import write_tree
from tests.support.yaml_file import read_yaml

PAGE = (ROOT / "docs/validating.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    text: str = found
    return text


def codes(folder: Path, *, ignore: tuple[str, ...] = ()) -> list[str]:
    return [finding.code for finding in validate([folder], ignore=ignore).findings]


def test_the_comments_it_shows_leave_out_what_they_say(tmp_path: Path) -> None:
    text = block("hcl")
    bare = re.sub(r"# provisioner: ignore.*", "", text)
    write_tree(tmp_path, {"with/main.tf": text, "without/main.tf": bare})

    assert codes(tmp_path / "with") == []
    assert codes(tmp_path / "without") == ["PRV401", "PRV303"]


@pytest.mark.needs_terraform
def test_the_pre_commit_config_it_shows_has_our_hook_and_runs(tmp_path: Path) -> None:
    for name in ("config", "hooks"):
        (tmp_path / name).mkdir()
    add_template(tmp_path / "templates")
    (repository,) = read_yaml(block("yaml"), tmp_path / "config")["repos"]
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (ours,) = read_yaml(text, tmp_path / "hooks")
    (theirs,) = repository["hooks"]

    assert repository["rev"] == f"v{__version__}"
    assert theirs["id"] == ours["id"]
    assert provisioner("validate", *theirs["args"], cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], ["empty"], ["template", "--select", "PRV9"], ["template", "--strict"]],
)
def test_no_verdict_has_a_reason_and_no_report(tmp_path: Path, arguments: list[str]) -> None:
    add_template(tmp_path / "template")
    (tmp_path / "empty").mkdir()

    done = provisioner("validate", *arguments, "--format", "json", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr != ""


def test_what_it_calls_not_judged_is_not(tmp_path: Path) -> None:
    text = """
terraform {
  required_version = ">= 1.5"
  required_providers {
    docker = { source = "kreuzwerker/docker", version = "~> 3.0" }
  }
}
resource "docker_network" "other_provider" {
  no_such_argument = 1
}
module "elsewhere" {
  source           = "registry.coder.com/coder/dotfiles/coder"
  version          = "1.2.3"
  no_such_argument = 1
}
"""
    write_tree(tmp_path, {"main.tf": text, "more.tf.json": '{"no_such_block": {}}'})
    assert codes(tmp_path) == []

    write_tree(tmp_path, {"more.tf.json": "{"})
    assert codes(tmp_path) == ["PRV001"]
    assert codes(tmp_path, ignore=("PRV001",)) == ["PRV001"]
