"""One push, one report: what validation found, what Coder's job found, and what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.coder_jobs import Plan
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_world import MINIMAL, run_at
from tests.support.tree import write_tree

UNPINNED = MINIMAL.replace('      version = "~> 2.0"\n', "")
BROKEN = Plan(
    [("error", "Planning", "Error: No such thing"), ("error", "Planning", "on main.tf line 12:")],
    error="terraform plan: exit status 1",
)
WARNING = "t/main.tf:5:5: PRV411"


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a template `t` that has one warning."""
    return write_tree(tmp_path, {"t/main.tf": UNPINNED})


def test_a_finding_that_does_not_stop_the_push_is_in_its_report(
    server: CoderServer, place: Path
) -> None:
    def push(format_name: str, *more: str) -> tuple[str, str]:
        done = run_at(server, "push", "t", "--format", format_name, *more, cwd=place)
        assert done.returncode == 0
        return done.stdout, done.stderr

    text, _ = push("text")
    assert text.startswith(WARNING.replace("PRV411", "warning PRV411 "))
    assert "\n\n1 warning in 1 file\n\npushed version " in text
    told = json.loads(push("json")[0])
    assert [item["code"] for item in told["findings"]] == ["PRV411"]
    assert told["push"]["is_changed"] is False
    github, beside = push("github")
    assert github.startswith("::warning title=PRV411 ")
    assert "nothing changed: version" in beside
    gitlab, beside = push("gitlab")
    assert [item["location"]["path"] for item in json.loads(gitlab)] == ["t/main.tf"]
    assert "nothing changed: version" in beside
    said, _ = push("gitlab", "-o", "report.json")
    assert json.loads((place / "report.json").read_text()) == json.loads(gitlab)
    assert said.startswith("nothing changed: version")
    assert said.endswith("\n1 warning in 1 file\n")


def test_a_failed_job_is_reported_together_with_what_was_found_before(
    server: CoderServer, place: Path
) -> None:
    server.state.plans.append(BROKEN)
    done = run_at(server, "push", "t", "--format", "concise", cwd=place)
    lines = done.stdout.splitlines()

    assert done.returncode == 1
    assert lines[0].startswith(WARNING)
    assert lines[1] == "t/main.tf:12:1: PRV601 Terraform: No such thing"


def test_without_validation_nothing_is_said_to_be_checked(server: CoderServer, place: Path) -> None:
    done = run_at(server, "push", "t", "--no-validate", "-o", "report.txt", cwd=place)
    github = run_at(server, "push", "t", "--no-validate", "--format", "github", cwd=place)

    assert done.stdout.startswith("pushed version")
    assert "checked" not in done.stdout
    assert (place / "report.txt").read_text() == ""
    assert github.stdout == ""


def test_what_is_wrong_with_a_spec_is_reported_in_the_format_too(
    server: CoderServer, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"provisioner.toml": 'flow = "none"\n'})
    done = run_at(server, "push", "--format", "gitlab", cwd=tmp_path)

    assert (done.returncode, server.asked) == (1, [])
    assert [item["location"]["path"] for item in json.loads(done.stdout)] == ["provisioner.toml"]


def test_the_page_of_a_template_of_another_organization_is_named_with_it(
    server: CoderServer, place: Path
) -> None:
    server.state.has_other_default = True
    done = run_at(server, "push", "t", "--org", "main", cwd=place)

    assert done.stdout.endswith(f"\n{server.url}/templates/main/t\n")


def test_a_push_of_a_spec_for_another_deployment_is_warned_of(
    server: CoderServer, tmp_path: Path
) -> None:
    spec = 'flow = "byok"\n[gateway]\nurl = "https://other.example"\n'
    write_tree(tmp_path, {"provisioner.toml": spec})
    done = run_at(server, "push", "--template", "t", cwd=tmp_path)

    assert done.returncode == 0
    assert (
        f"warning: the gateway of the spec is https://other.example, and this is {server.url}\n"
        in done.stderr
    )


def test_a_report_does_not_replace_what_is_pushed(server: CoderServer, place: Path) -> None:
    done = run_at(server, "push", "t", "-o", "t/main.tf", cwd=place)

    assert (done.returncode, server.asked) == (2, [])
    assert '"t/main.tf" is one of the files that were checked' in done.stderr
    assert (place / "t/main.tf").read_text() == UNPINNED
