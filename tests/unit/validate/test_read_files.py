"""TOML that a template gives the Codex module from a file is judged in that file."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.validate.run import validate
from tests.support.tree import write_tree

CALL = """\
module "codex" {
  source           = "registry.coder.com/coder-labs/codex/coder"
  version          = "~> 5.4"
  agent_id         = "x"
  base_config_toml = %s
}
"""
WRONG = 'model_provider = "g"\n\n[model_providers.g]\nname = "g"\nbase_url = "https://g.example.com/v1"\nwire_api = "chat"\nenv_key = "G"\n'


def found(folder: Path, value: str, **files: str) -> list[tuple[str, str, int]]:
    write_tree(folder, {"main.tf": CALL % value, **files})
    result = validate([folder], select=["PRV501", "PRV002"])
    return [
        (item.code, Path(item.path).name, item.span.start.line)
        for item in result.findings
        if item.code in {"PRV501", "PRV002"}
    ]


@pytest.mark.parametrize(
    "value",
    [
        'file("${path.module}/codex/config.toml")',
        'file("${path.root}/codex/config.toml")',
        'file("codex/config.toml")',
        'file("./codex/config.toml")',
    ],
)
def test_the_finding_is_in_the_file(value: str, tmp_path: Path) -> None:
    files = {"codex/config.toml": WRONG}

    assert found(tmp_path, value, **files) == [("PRV501", "config.toml", 6)]


def test_a_local_that_reads_the_file_is_followed(tmp_path: Path) -> None:
    write_tree(tmp_path, {"locals.tf": 'locals {\n  c = file("${path.module}/c.toml")\n}\n'})

    assert found(tmp_path, "local.c", **{"c.toml": WRONG}) == [("PRV501", "c.toml", 6)]


def test_what_codex_cannot_read_is_reported_there(tmp_path: Path) -> None:
    files = {"c.toml": "model = \n"}

    assert found(tmp_path, 'file("${path.module}/c.toml")', **files) == [("PRV002", "c.toml", 1)]


@pytest.mark.parametrize(
    "value",
    [
        'file("${path.module}/absent.toml")',
        'file("${path.cwd}/c.toml")',
        'file("/etc/c.toml")',
        'file("${path.module}c.toml")',
        'file("${path.module}/${var.name}.toml")',
        'templatefile("${path.module}/${var.name}.toml", {})',
    ],
)
def test_what_only_terraform_knows_is_left_alone(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, value, **{"c.toml": WRONG}) == []


def test_a_template_is_judged_with_holes_in_place_of_what_it_is_given(tmp_path: Path) -> None:
    value = 'templatefile("${path.module}/c.toml.tftpl", { wire = var.wire, key = "G" })'
    text = WRONG.replace('"G"', '"${key}"')

    assert found(tmp_path, value, **{"c.toml.tftpl": text}) == [("PRV501", "c.toml.tftpl", 6)]
    sure = text.replace('"chat"', '"${wire}"')
    assert found(tmp_path, value, **{"c.toml.tftpl": sure}) == []


def test_the_toml_of_a_template_is_what_terraform_makes_of_it(tmp_path: Path) -> None:
    value = 'templatefile("${path.module}/c.toml.tftpl", { line = "x" })'
    text = "# ${line} $${line}\nmodel = \n"

    assert found(tmp_path, value, **{"c.toml.tftpl": text}) == [("PRV002", "c.toml.tftpl", 2)]


def test_its_comments_leave_findings_out(tmp_path: Path) -> None:
    text = WRONG.replace('"chat"', '"chat" # provisioner: ignore[PRV501] for an old gateway')

    assert found(tmp_path, 'file("${path.module}/c.toml")', **{"c.toml": text}) == []
