"""Clean means looked at: what cannot be read, or is something else, is never called clean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.validate.run import validate
from tests.support.tree import write_tree

_BROKEN_TOML = """
locals {
  config = <<-TOML
    model_provider = "nope"
    [model_providers.x]
    name = "x"
    base_url = "https://x.example.com/v1"
    wire_api = "chat"
  TOML
}
module "codex" {
  source           = "registry.coder.com/coder-labs/codex/coder"
  version          = "~> 5.0"
  agent_id         = "a"
  base_config_toml = local.config
}
"""


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in validate([folder]).findings]


def test_toml_in_a_local_is_judged_where_it_stands(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": _BROKEN_TOML})

    found = {f.code: f.span.start.line for f in validate([tmp_path]).findings}

    assert found["PRV501"] == 8
    assert found["PRV503"] == 4


def test_a_spec_is_not_called_clean(tmp_path: Path) -> None:
    write_tree(tmp_path, {"provisioner.toml": 'flow = "nope"\n'})

    with pytest.raises(InputError, match="is a spec and not a Codex config"):
        validate([tmp_path / "provisioner.toml"])


def test_declarations_in_json_files_may_be_what_is_referred_to(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": "locals {\n  a = var.in_json\n}\n"})
    assert codes(tmp_path) == ["PRV303"]

    write_tree(tmp_path, {"vars.tf.json": '{"variable": {"in_json": {}}}'})
    assert codes(tmp_path) == []


def test_hidden_files_are_not_terraforms(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": "locals {}\n", ".scratch.tf": "locals {\n a = var.x\n}\n"})

    assert codes(tmp_path) == []


def test_a_link_that_leads_nowhere_is_a_finding_like_in_terraform(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": "x\n"})
    (tmp_path / "z.tf").symlink_to("nowhere")

    found = [(Path(f.path).name, f.code, f.message) for f in validate([tmp_path]).findings]

    assert [(name, code) for name, code, _ in found] == [("main.tf", "PRV001"), ("z.tf", "PRV001")]
    assert "No such file" in found[1][2]


def test_a_folder_that_cannot_be_opened_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path, {"main.tf": "locals {}\n", "sub/main.tf": "x\n"})
    real = os.scandir

    def closed(path: str | os.PathLike[str]) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(InputError, match=r"sub.* cannot be read: Permission denied"):
        validate([tmp_path])


def test_a_broken_file_has_no_follow_up_findings(tmp_path: Path) -> None:
    text = 'resource "coder_agent" "main" {\n  env = {\n  arch = "amd64"\n  os = "linux"\n}\n'
    write_tree(tmp_path, {"main.tf": text})

    assert set(codes(tmp_path)) == {"PRV001"}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("API_KEY", "plain-text-secret", ["PRV101"]),
        ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA", []),
        ("GIT_SIGNING_KEY", "~/.ssh/id_ed25519.pub", []),
    ],
)
def test_public_keys_and_paths_are_no_credentials(
    tmp_path: Path, name: str, value: str, found: list[str]
) -> None:
    text = f'variable "a" {{}}\nresource "coder_env" "x" {{\n  agent_id = var.a\n  name = "{name}"\n  value = "{value}"\n}}\n'
    text += 'terraform {\n  required_version = ">= 1"\n  required_providers {\n    coder = { source = "coder/coder", version = "2.0" }\n  }\n}\n'
    write_tree(tmp_path, {"main.tf": text})

    assert codes(tmp_path) == found
