"""A baseline hides what it accepts and no more, wherever the lines have gone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import provisioner

BAD = 'output "x" {\n  value = var.missing\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "main.tf").write_text(BAD, encoding="utf-8")
    accepts(tmp_path, 1)
    return tmp_path


def accepts(project: Path, count: int, *arguments: str) -> None:
    done = run(project, "--write-baseline", *arguments)
    assert (done.returncode, done.stdout) == (
        0,
        f"b.json accepts {count} finding{'s' * (count != 1)}\n",
    )


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return provisioner("validate", "t", "--baseline", "b.json", *arguments, cwd=project)


def entries(project: Path) -> list[tuple[str, str, int]]:
    content = json.loads((project / "b.json").read_text(encoding="utf-8"))
    return [(item["path"], item["rule"], item["count"]) for item in content["findings"]]


def test_what_is_accepted_does_not_fail(project: Path) -> None:
    done = run(project)

    assert done.returncode == 0
    assert done.stdout == "clean: 1 file checked\n\n1 finding left out: the baseline accepts them\n"
    assert json.loads(run(project, "--format", "json").stdout)["baseline"] == {
        "accepted": 1,
        "stale": 0,
    }


def test_lines_may_move(project: Path) -> None:
    (project / "t" / "main.tf").write_text(f"# one\n\n# two\n{BAD}", encoding="utf-8")

    assert run(project).returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        BAD.replace("missing", "other"),
        BAD + BAD.replace('"x"', '"y"'),
        BAD.replace("value = var.missing", "value = [var.missing]"),
    ],
    ids=["another", "one more", "another line"],
)
def test_what_is_new_fails(project: Path, text: str) -> None:
    (project / "t" / "main.tf").write_text(text, encoding="utf-8")

    assert run(project).returncode == 1


def test_another_file_is_not_accepted(project: Path) -> None:
    (project / "t" / "b.tf").write_text(BAD.replace('"x"', '"y"'), encoding="utf-8")

    done = run(project)

    assert done.returncode == 1
    assert "t/b.tf:2:11" in done.stdout
    assert "t/main.tf" not in done.stdout


def test_what_is_mended_is_told_and_taken_out(project: Path) -> None:
    (project / "t" / "main.tf").write_text("", encoding="utf-8")

    done = run(project)
    assert done.returncode == 0
    assert "accepts 1 finding that nobody makes any more" in done.stdout

    accepts(project, 0)
    assert entries(project) == []


def test_what_was_not_looked_for_stays(project: Path) -> None:
    (project / "u").mkdir()
    (project / "u" / "main.tf").write_text(BAD, encoding="utf-8")
    done = provisioner("validate", "u", "--baseline", "b.json", "--write-baseline", cwd=project)
    assert done.stdout == "b.json accepts 2 findings\n"
    accepts(project, 2, "--select", "PRV1")

    assert entries(project) == [("t/main.tf", "PRV303", 1), ("u/main.tf", "PRV303", 1)]
    assert "nobody" not in run(project, "--select", "PRV1").stdout


def test_a_file_that_cannot_be_read_is_never_accepted(project: Path) -> None:
    (project / "t" / "main.tf").write_text("output {", encoding="utf-8")
    run(project, "--write-baseline")

    done = run(project)

    assert done.returncode == 1
    assert "PRV001" in done.stdout


def test_no_credential_is_in_a_baseline_nor_is_another_one_accepted(project: Path) -> None:
    secret = "sk-proj-" + "Zq7Xw2Lm9Rt4Vb8N" * 3
    (project / "t" / "main.tf").write_text(f'locals {{\n  key = "{secret}"\n}}\n', encoding="utf-8")
    run(project, "--write-baseline")
    text = (project / "b.json").read_text(encoding="utf-8")
    assert secret not in text
    assert "PRV101" in text
    assert run(project).returncode == 0

    other = f'locals {{\n  key = "{secret[:-3]}abc"\n}}\n'
    (project / "t" / "main.tf").write_text(other, encoding="utf-8")

    assert run(project).returncode == 1


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"version": 1}', '{"version": 1, "findings": [{}]}', '{"version": 1, "findings": [{"path": "t", "rule": "PRV1", "fingerprint": "0", "count": 0}]}'],
)  # fmt: skip
def test_what_is_no_baseline_is_an_error_and_stays(project: Path, text: str) -> None:
    (project / "b.json").write_text(text, encoding="utf-8")

    for arguments in ((), ("--write-baseline",)):
        done = run(project, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert '"b.json" is not a baseline' in done.stderr
    assert (project / "b.json").read_text(encoding="utf-8") == text


def test_a_missing_or_newer_baseline_is_an_error(project: Path) -> None:
    (project / "b.json").write_text('{"version": 2, "findings": []}', encoding="utf-8")
    assert "is a baseline of version 2" in run(project).stderr

    (project / "b.json").unlink()
    assert 'the baseline "b.json" cannot be read: No such file' in run(project).stderr


def test_accepted_findings_are_not_fixed(project: Path) -> None:
    text = 'module "codex" {\n  source  = "registry.coder.com/coder-labs/codex/coder"\n  version = "~> 5.4"\n  agentid = "x"\n}\n'
    (project / "t" / "main.tf").write_text(text, encoding="utf-8")
    run(project, "--write-baseline")

    assert run(project, "--fix", "--unsafe").returncode == 0
    assert (project / "t" / "main.tf").read_text(encoding="utf-8") == text
