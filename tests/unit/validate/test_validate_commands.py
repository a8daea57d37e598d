"""`provisioner validate` and `provisioner rule` as a shell sees them: output and exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.validate.rules import RULES
from tests.support.command import provisioner
from tests.support.tree import write_tree

UNPINNED = 'module "m" {\n  source = "example/m/aws"\n}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"clean/main.tf": "", "warned/main.tf": UNPINNED, "broken/main.tf": "]"}
    files["old.toml"] = 'profile = "a"\n[profiles.a]\nmodel = "gpt-5.5"\n'
    return write_tree(tmp_path, files)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clean"], 0),
        (["warned"], 1),
        (["warned", "--fail-on", "error"], 0),
        (["warned", "--ignore", "PRV401"], 0),
        (["warned", "--select", "PRV1", "--select", "PRV303"], 0),
        (["clean", "broken", "--fail-on", "error"], 1),
        (["missing"], 2),
        (["old.toml"], 1),
        (["old.toml", "--codex-version", "0.133.0"], 0),
        (["old.toml", "--codex-version", "old"], 2),
        (["clean", "--select", "PRV9"], 2),
        (["clean", "--format", "xml"], 2),
        ([], 2),
    ],
)
def test_the_exit_code_is_the_verdict(arguments: list[str], code: int, folder: Path) -> None:
    assert provisioner("validate", *arguments, cwd=folder).returncode == code


def test_findings_go_to_standard_output(folder: Path) -> None:
    result = provisioner("validate", "warned", cwd=folder)

    assert result.stdout.splitlines()[0] == (
        "warned/main.tf:2:12: warning PRV401 "
        'the module "example/m/aws" has no version [unpinned-module]'
    )
    assert result.stdout.splitlines()[-1] == "1 warning in 1 file"
    assert result.stderr == ""


def test_a_mistake_in_the_command_goes_to_standard_error(folder: Path) -> None:
    result = provisioner("validate", "missing", cwd=folder)

    assert result.stdout == ""
    assert result.stderr == 'error: there is no file or folder "missing"\n'


def test_json_is_the_only_output(folder: Path) -> None:
    result = provisioner("validate", "warned", "clean", "--format", "json", cwd=folder)

    assert json.loads(result.stdout)["summary"] == {
        "errors": 0,
        "warnings": 1,
        "notes": 0,
        "files": 2,
        "suppressed": 0,
    }


def test_github_prints_commands_and_nothing_for_a_clean_provisioner(folder: Path) -> None:
    assert provisioner("validate", "warned", "--format", "github", cwd=folder).stdout.startswith(
        "::warning title="
    )
    assert provisioner("validate", "clean", "--format", "github", cwd=folder).stdout == ""


def test_every_rule_is_listed() -> None:
    lines = provisioner("rule").stdout.splitlines()

    assert [line.split()[0] for line in lines] == [rule.code for rule in RULES]
    assert "PRV401  warning  unpinned-module: A module whose next release is taken unseen" in lines


def test_one_rule_is_explained() -> None:
    by_name = provisioner("rule", "unpinned-module")

    assert by_name.stdout == provisioner("rule", "prv401").stdout
    assert by_name.stdout.startswith("PRV401 unpinned-module (warning)\n\nA module whose next ")
    assert "\n\nUse instead\n`version = " in by_name.stdout


def test_rules_come_as_json() -> None:
    one = json.loads(provisioner("rule", "PRV401", "--format", "json").stdout)

    assert (one["code"], one["name"], one["severity"]) == ("PRV401", "unpinned-module", "warning")
    assert list(one["sections"]) == ["What it does", "Why", "Use instead"]
    assert len(json.loads(provisioner("rule", "--format", "json").stdout)) == len(RULES)


def test_an_unknown_rule_has_no_explanation() -> None:
    result = provisioner("rule", "PRV404")

    assert result.returncode == 2
    assert "no rule is called" in result.stderr


@pytest.mark.parametrize("command", ["validate", "rule"])
def test_help_has_an_example(command: str) -> None:
    assert f"\n    provisioner {command} " in provisioner(command, "--help").stdout


BROKEN = """\
model_provider = "g"\r
modle = "gpt-5.5"\r
[model_providers.g]\r
name = "G"\r
base_url = "https://g.example.com/v1"\r
env_key = "K"\r
wire_api = "chat"\r
"""


def test_fix_makes_safe_fixes_and_keeps_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BROKEN.encode())
    path.chmod(0o640)

    done = provisioner("validate", "--fix", path, cwd=tmp_path)

    assert done.returncode == 1
    assert f"fixed {path}" in done.stderr
    assert path.read_bytes() == b"\xef\xbb\xbf" + BROKEN.replace("chat", "responses").encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_diff_shows_what_fix_would_do_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(BROKEN.encode())

    done = provisioner("validate", "--diff", "--unsafe", path, cwd=tmp_path)

    changed = [line for line in done.stdout.splitlines() if line[:1] in "+-"][2:]
    assert changed == ['-modle = "gpt-5.5"', '+model = "gpt-5.5"', '-wire_api = "chat"', '+wire_api = "responses"']  # fmt: skip
    assert done.returncode == 1
    assert path.read_bytes() == BROKEN.encode()


def test_unsafe_alone_is_a_mistake(tmp_path: Path) -> None:
    done = provisioner("validate", "--unsafe", tmp_path, cwd=tmp_path)

    assert done.returncode == 2
    assert "--unsafe is for --fix and --diff" in done.stderr
