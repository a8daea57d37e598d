"""The files of examples/ci do in a checkout what they say, run as their runners would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner import __version__
from tests.support.checkouts import add_template, break_template
from tests.support.command import ROOT
from tests.support.yaml_file import read_yaml

EXAMPLES = ROOT / "examples/ci"
BROKEN = "templates/docker/codex.tf"
INSTALL = f"python -m pip install codex-provisioner=={__version__}"
# The default shells of a GitHub step and of a GitLab job in a Docker image with bash.
GITHUB_SHELL = ("bash", "-e", "-c")
GITLAB_SHELL = ("bash", "-e", "-o", "pipefail", "-c")

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one template."""
    folder = tmp_path / "checkout"
    add_template(folder / "templates/docker")
    return folder


@pytest.fixture
def broken(checkout: Path) -> Path:
    """The same with an error in the template."""
    break_template(checkout / "templates/docker")
    return checkout


@pytest.fixture
def no_template(tmp_path: Path) -> Path:
    folder = tmp_path / "none"
    folder.mkdir()
    return folder


def parsed(name: str, tmp_path: Path) -> Any:
    folder = tmp_path / "yaml"
    folder.mkdir()
    return read_yaml((EXAMPLES / name).read_text(encoding="utf-8"), folder)


def execute(command: Sequence[str], folder: Path, **environment: str) -> Done:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def holds(condition: str, folder: Path, *, failed: bool) -> bool:
    """Judge the `if` of a step, of which only these terms are known."""
    known = {"failure()": failed, "success()": not failed, "!cancelled()": True}
    inner = re.fullmatch(r"\$\{\{ (.*) \}\}", condition)
    assert inner is not None, condition
    for term in inner[1].split(" && "):
        file = re.fullmatch(r"hashFiles\('([^']+)'\) != ''", term)
        if not ((folder / file[1]).exists() if file else known[term]):
            return False
    return True


def run_steps(steps: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, Done | None]:
    """Run the steps of a job; those with an action, or to install, count as done."""
    ran = dict[str, Done | None]()
    failed = False
    for step in steps:
        name = step.get("name", step.get("uses", ""))
        if not holds(step.get("if", "${{ success() }}"), folder, failed=failed):
            continue
        command = step.get("run", "")
        ran[name] = None
        if "provisioner " in command:
            done = execute([*GITHUB_SHELL, command], folder, GITHUB_WORKSPACE=str(folder))
            ran[name] = done
            failed = failed or done.returncode != 0
        else:
            assert command in {"", INSTALL}
    return ran


@pytest.fixture
def steps(tmp_path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parsed("github-actions.yml", tmp_path)["jobs"]["validate"][
        "steps"
    ]
    return found


@pytest.mark.needs_terraform
def test_github_passes_a_clean_checkout(steps: list[dict[str, Any]], checkout: Path) -> None:
    ran = run_steps(steps, checkout)

    assert list(ran)[-3:] == ["Install", "Validate", "Upload"]
    assert ran["Validate"] is not None
    assert ran["Validate"].returncode == 0
    assert "clean: 2 files checked" in ran["Validate"].stdout


@pytest.mark.needs_terraform
def test_github_fails_shows_and_uploads_findings(steps: list[dict[str, Any]], broken: Path) -> None:
    ran = run_steps(steps, broken)
    uploaded = json.loads((broken / steps[-1]["with"]["sarif_file"]).read_text(encoding="utf-8"))
    (result,) = uploaded["runs"][0]["results"]

    assert list(ran)[-3:] == ["Validate", "Show the findings", "Upload"]
    assert ran["Validate"] is not None
    assert ran["Validate"].returncode == 1
    assert ran["Show the findings"] is not None
    assert f"{BROKEN}:22:16: error PRV501" in ran["Show the findings"].stdout
    assert result["ruleId"] == "PRV501"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == BROKEN


@pytest.mark.needs_terraform
def test_github_uploads_nothing_without_a_verdict(
    steps: list[dict[str, Any]], no_template: Path
) -> None:
    ran = run_steps(steps, no_template)

    assert list(ran)[-1] == "Validate"
    assert ran["Validate"] is not None
    assert ran["Validate"].returncode == 2
    assert "holds no .tf file" in ran["Validate"].stderr


@pytest.mark.needs_terraform
def test_github_gets_only_the_rights_it_needs_and_fixed_actions(tmp_path: Path) -> None:
    workflow = parsed("github-actions.yml", tmp_path)
    job = workflow["jobs"]["validate"]
    actions = [step["uses"] for step in job["steps"] if "uses" in step]

    assert workflow["permissions"] == {}
    assert {name for name, right in job["permissions"].items() if right == "write"} == {
        "security-events"
    }
    assert [action for action in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
    assert "pull_request_target" not in workflow["true"]


def run_gitlab(job: Mapping[str, Any], folder: Path) -> tuple[Done, str]:
    """Run the script and what comes after it, in a shell of its own and whatever came out."""
    assert job["before_script"] == [INSTALL]
    script, after = (
        execute([*GITLAB_SHELL, "\n".join(job[name])], folder, CI_PROJECT_DIR=str(folder))
        for name in ("script", "after_script")
    )
    return script, after.stdout


@pytest.mark.needs_terraform
def test_gitlab_shows_findings_and_leaves_the_report(tmp_path: Path, broken: Path) -> None:
    job = parsed("gitlab-ci.yml", tmp_path)["validate-templates"]
    script, log = run_gitlab(job, broken)
    report = broken / job["artifacts"]["reports"]["codequality"]
    (entry,) = json.loads(report.read_text(encoding="utf-8"))

    assert script.returncode == 1
    assert f"{BROKEN}:22:16: error PRV501" in log
    assert entry["location"]["path"] == BROKEN
    assert job["artifacts"]["when"] == "always"


@pytest.mark.needs_terraform
def test_gitlab_passes_a_clean_checkout_with_an_empty_report(
    tmp_path: Path, checkout: Path
) -> None:
    job = parsed("gitlab-ci.yml", tmp_path)["validate-templates"]
    script, log = run_gitlab(job, checkout)
    report = checkout / job["artifacts"]["reports"]["codequality"]

    assert script.returncode == 0
    assert log == "clean: 2 files checked\n"
    assert json.loads(report.read_text(encoding="utf-8")) == []


def run_script(folder: Path, *arguments: str) -> Done:
    return execute(["sh", str(EXAMPLES / "validate.sh"), *arguments], folder)


def test_the_script_ends_as_the_command_does_and_leaves_the_report(broken: Path) -> None:
    done = run_script(broken)
    suite = ET.parse(broken / "provisioner.xml").getroot()

    assert done.returncode == 1
    assert f"{BROKEN}:22:16: error PRV501" in done.stdout
    assert [
        case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None
    ] == [BROKEN]


def test_the_script_judges_the_folders_it_is_given(broken: Path) -> None:
    add_template(broken / "two words")

    assert run_script(broken, "two words").returncode == 0
    assert run_script(broken, "two words", "templates").returncode == 1


def test_the_script_leaves_no_old_report_where_there_is_no_verdict(no_template: Path) -> None:
    (no_template / "provisioner.xml").write_text("old", encoding="utf-8")

    done = run_script(no_template)

    assert done.returncode == 2
    assert "holds no .tf file" in done.stderr
    assert not (no_template / "provisioner.xml").exists()


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_what_is_installed_is_this_version(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")

    assert re.findall(r"pip install .*", text) == [INSTALL.removeprefix("python -m ")]
