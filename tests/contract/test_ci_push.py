"""The files of examples/ci that push do what they say, at a Coder with state."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from provisioner import __version__
from tests.support.coder_jobs import Plan
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_world import environment
from tests.support.command import ROOT, provisioner
from tests.support.yaml_file import read_yaml

EXAMPLES = ROOT / "examples/ci"
SHELL = ("bash", "-e", "-c")
BROKEN = Plan(
    [
        ("error", "Planning", "Error: Unsupported argument"),
        ("error", "Planning", 'on main.tf line 84, in resource "coder_agent" "main":'),
    ],
    error="terraform plan: exit status 1",
)

Done = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.needs_terraform


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a spec, and the template that is rendered from it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "examples/chatgpt.toml", folder / "provisioner.toml")
    assert provisioner("render", "-o", "template", cwd=folder).returncode == 0
    return folder


def parsed(name: str, tmp_path: Path) -> Any:
    folder = tmp_path / f"yaml-{name}"
    folder.mkdir()
    return read_yaml((EXAMPLES / name).read_text(encoding="utf-8"), folder)


def execute(command: str, folder: Path, server: CoderServer, **more: str) -> Done:
    return subprocess.run(
        [*SHELL, command],
        cwd=folder,
        env=environment(server, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def github_push(tmp_path: Path, checkout: Path, server: CoderServer) -> tuple[Done, dict[str, str]]:
    """Run the step, and give the outputs of its job as GitHub would."""
    job = parsed("github-push.yml", tmp_path)["jobs"]["push"]
    (step,) = [step for step in job["steps"] if step.get("id") == "push"]
    file = tmp_path / "outputs"
    file.touch()
    assert step["env"] == {
        "CODER_URL": "${{ vars.CODER_URL }}",
        "CODER_SESSION_TOKEN": "${{ secrets.CODER_SESSION_TOKEN }}",
    }
    done = execute(step["run"], checkout, server, GITHUB_OUTPUT=str(file), GITHUB_SHA="0a1b2c")
    written = dict(line.split("=", 1) for line in file.read_text().splitlines())
    given = {}
    for name, expression in job["outputs"].items():
        found = re.fullmatch(r"\$\{\{ steps\.push\.outputs\.(\w+) \}\}", expression)
        assert found is not None
        given[name] = written.get(found[1], "")
    return done, given


def test_github_pushes_and_gives_outputs(
    tmp_path: Path, checkout: Path, server: CoderServer
) -> None:
    done, outputs = github_push(tmp_path, checkout, server)
    (version,) = server.state.versions.values()
    (template,) = server.state.templates.values()

    assert done.returncode == 0
    assert (template.name, template.active) == ("my-codex", version.id)
    assert version.message == "Commit 0a1b2c"
    assert outputs == {
        "version": version.name,
        "changed": "true",
        "url": f"{server.url}/templates/my-codex",
    }


def test_github_shows_terraforms_errors_as_annotations(
    tmp_path: Path, checkout: Path, server: CoderServer
) -> None:
    server.state.plans.append(BROKEN)
    done, outputs = github_push(tmp_path, checkout, server)
    line = (checkout / "template/main.tf").read_text().splitlines()[83]

    assert done.returncode == 1
    assert done.stdout == (
        "::error title=PRV601 terraform-error,file=template/main.tf,line=84,col=1,endLine=84,"
        f"endColumn={len(line) + 1}::Terraform: Unsupported argument\n"
    )
    assert set(outputs.values()) == {""}
    assert server.state.templates == {}


def test_github_gives_rights_and_secrets_to_as_little_as_can_be(tmp_path: Path) -> None:
    workflow = parsed("github-push.yml", tmp_path)
    text = (EXAMPLES / "github-push.yml").read_text(encoding="utf-8")
    jobs = workflow["jobs"]
    actions = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]

    assert workflow["permissions"] == {}
    assert {str(job["permissions"]) for job in jobs.values()} == {"{'contents': 'read'}"}
    assert text.count("secrets.") == 1
    assert jobs["push"]["needs"] == "prove"
    assert [action for action in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
    assert workflow["true"] == {"push": {"branches": ["main"]}}


@pytest.mark.needs_codex
def test_what_comes_before_the_push_passes_and_refuses(
    tmp_path: Path, checkout: Path, server: CoderServer
) -> None:
    steps = parsed("github-push.yml", tmp_path)["jobs"]["prove"]["steps"]
    named: Mapping[str, str] = {step["name"]: step["run"] for step in steps if "name" in step}
    gitlab = parsed("gitlab-push.yml", tmp_path)["prove-template"]
    done = {
        name: execute(named[name], checkout, server) for name in ("Compare", "Validate", "Prove")
    }
    report = execute(gitlab["script"][1], checkout, server)
    file = checkout / gitlab["artifacts"]["reports"]["codequality"]
    (checkout / "template/codex.tf").write_text("# edited\n")

    assert {name: run.returncode for name, run in done.items()} == dict.fromkeys(done, 0)
    assert "proven" in done["Prove"].stdout
    assert (report.returncode, json.loads(file.read_text())) == (0, [])
    assert execute(named["Compare"], checkout, server).returncode == 1
    assert gitlab["script"][::2] == [named["Compare"], named["Prove"]]


def test_gitlab_pushes_and_leaves_report_and_variables(
    tmp_path: Path, checkout: Path, server: CoderServer
) -> None:
    job = parsed("gitlab-push.yml", tmp_path)["push-template"]
    reports = job["artifacts"]["reports"]
    (script,) = job["script"]
    done = execute(script, checkout, server, CI_COMMIT_SHA="0a1b2c")
    again = execute(script, checkout, server, CI_COMMIT_SHA="0a1b2c")
    lines = (checkout / reports["dotenv"]).read_text().splitlines()

    assert (done.returncode, again.returncode) == (0, 0)
    assert "nothing changed" in again.stdout
    assert json.loads((checkout / reports["codequality"]).read_text()) == []
    assert [line for line in lines if "changed" in line] == [
        "template_changed=true",
        "template_changed=false",
    ]
    assert all(re.fullmatch(r"[a-z_]+=\S+", line) for line in lines)


def test_gitlab_reports_a_failed_job_as_code_quality(
    tmp_path: Path, checkout: Path, server: CoderServer
) -> None:
    server.state.plans.append(BROKEN)
    job = parsed("gitlab-push.yml", tmp_path)["push-template"]
    done = execute(job["script"][0], checkout, server, CI_COMMIT_SHA="0a1b2c")
    (entry,) = json.loads((checkout / "gl-code-quality-report.json").read_text())

    assert done.returncode == 1
    assert "Error: Unsupported argument" in done.stderr
    assert entry["location"]["path"] == "template/main.tf"
    assert entry["check_name"] == "terraform-error"


@pytest.mark.parametrize("name", ["github-push.yml", "gitlab-push.yml"])
def test_what_is_installed_to_push_is_this_version(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")

    assert set(re.findall(r"pip install '(.*)'", text)) == {
        f"codex-provisioner[gateway]=={__version__}",
        f"codex-provisioner=={__version__}",
    }
