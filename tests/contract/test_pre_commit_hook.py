"""The hook of .pre-commit-hooks.yaml, run as pre-commit runs it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner.validate.files import is_template_file
from tests.support.checkouts import add_template, break_template
from tests.support.command import ROOT
from tests.support.yaml_file import read_yaml

pytestmark = pytest.mark.needs_terraform

NAMES = [
    "main.tf",
    "a/b/main.tf",
    "main.tf.json",
    "terraform.tfvars",
    "prod.auto.tfvars.json",
    "main.tftest.hcl",
    "tests/main.tftest.json",
    "main.tf.bak",
    "maintf",
    "main.hcl",
    "package.json",
    "README.md",
    ".terraform.lock.hcl",
    "terraform.tfstate",
]


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits must not depend on who the developer is, or on how they sign."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.com")


@pytest.fixture
def hook(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "yaml"
    folder.mkdir()
    hooks = read_yaml((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), folder)
    assert [hook["id"] for hook in hooks] == ["provisioner-validate"]
    found: dict[str, Any] = hooks[0]
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a template, committed."""
    folder = tmp_path / "checkout"
    add_template(folder / "templates/docker")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def run_hook(
    hook: dict[str, Any], checkout: Path, args: Sequence[str] | None = None
) -> subprocess.CompletedProcess[str] | None:
    """Stage everything and run the hook as `git commit` would; None where it is skipped.

    `args` are those of the user's own configuration, in place of the hook's.
    """
    git(checkout, "add", "--all")
    names = git(checkout, "diff", "--staged", "--name-only", "-z", "--diff-filter=ACMRTUXB")
    staged = [
        name
        for name in names.split("\0")
        if name
        and re.search(hook.get("files", ""), name)
        and not re.search(hook.get("exclude", "^$"), name)
        and not (checkout / name).is_symlink()  # `types` is [file] where nothing is said.
    ]
    if not staged and not hook.get("always_run", False):
        return None
    given = staged if hook.get("pass_filenames", True) else []
    return subprocess.run(
        [*shlex.split(hook["entry"]), *(hook.get("args", []) if args is None else args), *given],
        cwd=checkout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_pre_commit_can_install_and_start_it(hook: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert hook["language"] == "python"
    assert shlex.split(hook["entry"])[0] in project["scripts"]


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_for_the_files_that_terraform_reads(hook: dict[str, Any], name: str) -> None:
    is_read = is_template_file(Path(name).name)

    assert bool(re.search(hook["files"], name)) == is_read


def test_a_good_change_may_be_committed(hook: dict[str, Any], checkout: Path) -> None:
    with (checkout / "templates/docker/main.tf").open("a") as file:
        file.write("\n# A comment.\n")

    done = run_hook(hook, checkout)

    assert done is not None
    assert (done.returncode, done.stdout) == (0, "clean: 2 files checked\n")
    assert git(checkout, "diff") == ""


def test_a_change_that_breaks_another_file_is_stopped(hook: dict[str, Any], checkout: Path) -> None:
    (checkout / "templates/docker/main.tf").write_text("locals {}\n", encoding="utf-8")

    done = run_hook(hook, checkout)

    assert done is not None
    assert done.returncode == 1
    assert re.search(
        r"^templates/docker/codex\.tf:\d+:\d+: error PRV303 ", done.stdout, re.MULTILINE
    )


def test_other_files_do_not_start_it(hook: dict[str, Any], checkout: Path) -> None:
    break_template(checkout / "templates/docker")
    git(checkout, "commit", "-qam", "broken")
    (checkout / "README.md").write_text("# Templates\n", encoding="utf-8")

    assert run_hook(hook, checkout) is None


@pytest.mark.parametrize(
    ("args", "code"),
    [(["templates"], 1), (["other"], 0), (["--ignore", "PRV501", "."], 0), (["--fix", "."], 0)],
)
def test_users_give_their_own_folders_and_options(
    hook: dict[str, Any], checkout: Path, args: list[str], code: int
) -> None:
    break_template(checkout / "templates/docker")
    add_template(checkout / "other")

    done = run_hook(hook, checkout, args)

    assert done is not None
    assert done.returncode == code, done.stdout + done.stderr
    # pre-commit takes a file that a hook has changed for a failure, so that the fix is looked at.
    assert bool(git(checkout, "diff")) == ("--fix" in args)


def test_options_without_a_folder_are_not_taken_for_clean(
    hook: dict[str, Any], checkout: Path
) -> None:
    (checkout / "templates/docker/main.tf").write_text("locals {}\n", encoding="utf-8")

    done = run_hook(hook, checkout, ["--fail-on", "error"])

    assert done is not None
    assert done.returncode == 2
    assert "PATH" in done.stderr
