"""Settings files: which one counts, what it changes, and what is said of a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import provisioner

BAD = 'output "x" {\n  value = var.missing\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for folder in ("a", "a/deep", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.tf").write_text(BAD, encoding="utf-8")
    return tmp_path


def found(project: Path, *arguments: str) -> list[str]:
    """Return `path:line CODE` of each finding; the folder of the run is the project's."""
    done = provisioner("validate", *arguments, "--format", "json", "--no-cache", cwd=project)
    assert done.returncode in {0, 1}, done.stderr
    return [
        f"{item['path']}:{item['start']['line']} {item['code']}"
        for item in json.loads(done.stdout)["findings"]
    ]


def settings(project: Path, text: str, name: str = "provisioner.toml") -> Path:
    table = "[tool.provisioner.validate]" if name.startswith("pyproject") else "[validate]"
    path = project / name
    path.write_text(f"{table}\n{text}\n", encoding="utf-8")
    return path


ALL = ["a/deep/main.tf:2 PRV303", "a/main.tf:2 PRV303", "b/main.tf:2 PRV303"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ALL),
        ('ignore = ["PRV303"]', []),
        ('ignore = ["undeclared-reference"]', []),
        ('select = ["PRV1"]', []),
        ('select = ["PRV3"]', ALL),
        ('exclude = ["a"]', ALL[2:]),
        ('exclude = ["deep"]', ALL[1:]),
        ('exclude = ["a/*.tf"]', [ALL[0], ALL[2]]),
        ('exclude = ["**/main.tf"]', []),
        ('per_file_ignores = { "a/**" = ["PRV30"] }', ALL[2:]),
        ('per_file_ignores = { "a/*.tf" = ["undeclared-reference"] }', [ALL[0], ALL[2]]),
    ],
)
@pytest.mark.parametrize("name", ["provisioner.toml", "pyproject.toml"])
def test_what_settings_leave(project: Path, name: str, text: str, left: list[str]) -> None:
    settings(project, text, name)

    assert found(project, ".") == left
    assert [item.replace(f"{project}/", "") for item in found(project, str(project))] == left


def test_an_option_replaces_its_key(project: Path) -> None:
    settings(project, 'ignore = ["PRV303"]\nfail_on = "error"')

    assert found(project, ".", "--ignore", "PRV101") == ALL
    assert found(project, ".", "--no-config") == ALL
    assert found(project, ".", "--config", "provisioner.toml") == []


def test_the_nearest_file_counts_alone(project: Path) -> None:
    settings(project, 'exclude = ["deep"]')
    (project / "a" / "provisioner.toml").write_text("[validate]\n", encoding="utf-8")

    assert found(project, "a") == ALL[:2]
    assert found(project, "b", "a") == ["a/main.tf:2 PRV303", ALL[2]]


def test_a_file_without_the_table_is_passed_over(project: Path) -> None:
    settings(project, 'exclude = ["deep"]')
    (project / "a" / "provisioner.toml").write_text('flow = "byok"\n', encoding="utf-8")
    (project / "a" / "pyproject.toml").write_text("# validate\n[tool]\n", encoding="utf-8")

    assert found(project, "a") == ALL[1:2]


def test_the_search_ends_at_the_repository(project: Path) -> None:
    settings(project, 'ignore = ["PRV303"]')
    (project / "b" / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")

    assert found(project, "b") == ALL[2:]


def test_the_severity_that_fails_a_run(project: Path) -> None:
    settings(project, 'fail_on = "error"\nignore = ["PRV303"]')
    (project / "b" / "main.tf").write_text(
        'module "m" {\n  source = "coder/claude-code/coder"\n}\n'
    )

    assert provisioner("validate", "b", cwd=project).returncode == 0
    assert provisioner("validate", "b", "--fail-on", "note", cwd=project).returncode == 1


def test_nothing_but_excluded_files_is_not_called_clean(project: Path) -> None:
    settings(project, 'exclude = ["a"]')
    done = provisioner("validate", "a/main.tf", cwd=project)

    assert done.returncode == 0
    assert done.stdout == "nothing was checked: the settings leave every file out\n"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("selct = []", '2:1: unknown key "selct"; did you mean "select"?'),
        ("surprise = 1", '2:1: unknown key "surprise"; valid keys here: select, ignore, fail_on, '),
        ('select = "PRV1"', '2:10: "select": write a list, such as ["PRV101"]'),
        ("select = [1]", '2:11: "select.0": write a text in quotes'),
        ('fail_on = "never"', '2:11: "fail_on": write one of "error", "warning", "note"'),
        ('ignore = ["PRV101", "PRV999"]', '2:21: no rule is called "PRV999"; '),
        ('per_file_ignores = { "*" = "x" }', '2:28: "per_file_ignores.*": write a list, '),
        ('per_file_ignores = { "*" = ["x"] }', '2:29: no rule is called "x"; '),
        ("exclude = [", "3:1: this is not TOML: "),
    ],
)
def test_a_wrong_file_is_an_error_at_its_place(project: Path, text: str, error: str) -> None:
    settings(project, text)
    done = provisioner("validate", "a", cwd=project)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: provisioner.toml:{error}")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--config", "missing.toml"], '"missing.toml" has no table [validate], or cannot be read'),
        (["--config", "a/main.tf"], '"a/main.tf" has no table [validate], or cannot be read'),
        (["--config", "x.toml", "--no-config"], "choose one"),
        (["--write-baseline"], "--write-baseline needs a file: name it with --baseline FILE"),
    ],
)
def test_options_that_cannot_be_used(project: Path, arguments: list[str], error: str) -> None:
    done = provisioner("validate", "a", *arguments, cwd=project)

    assert (done.returncode, done.stdout) == (2, "")
    assert error in done.stderr


def test_a_spec_may_have_the_table(project: Path) -> None:
    made = provisioner("init", ".", cwd=project)
    assert made.returncode == 0, made.stderr
    with (project / "provisioner.toml").open("a", encoding="utf-8") as file:
        file.write('\n[validate]\nignore = ["PRV303"]\n')

    assert provisioner("plan", cwd=project).returncode == 0
    assert found(project, ".") == []


def test_a_change_of_the_settings_is_seen(project: Path) -> None:
    before = provisioner("validate", "b", cwd=project)
    settings(project, 'ignore = ["PRV303"]')
    between = provisioner("validate", "b", cwd=project)
    settings(project, 'ignore = ["PRV101"]')
    after = provisioner("validate", "b", cwd=project)

    assert [before.returncode, between.returncode, after.returncode] == [1, 0, 1]
