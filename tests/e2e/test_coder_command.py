"""`provisioner coder` from spec to a running workspace, as a process, at a Coder with state."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.coder_jobs import Plan
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_world import MINIMAL, run_at
from tests.support.command import ROOT
from tests.support.secret_search import SecretSearch
from tests.support.tree import write_tree

BROKEN = [
    ("error", "Planning", "Error: Unsupported argument"),
    ("error", "Planning", 'on main.tf line 16, in resource "coder_agent" "main":'),
    ("error", "Planning", "  16:   arch = 1"),
    ("error", "Planning", ""),
    ("error", "Planning", 'An argument named "arch" is not expected here.'),
]


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the spec of the flow for ChatGPT logins, named my-codex."""
    folder = tmp_path / "my-codex"
    folder.mkdir()
    shutil.copy(ROOT / "examples/chatgpt.toml", folder / "provisioner.toml")
    return folder


def test_from_spec_to_a_running_workspace(server: CoderServer, place: Path) -> None:
    pushed = run_at(server, "push", cwd=place)
    (template,) = server.state.templates.values()
    created = run_at(
        server, "create", "dev", "--template", "my-codex", "--preset", "large", cwd=place
    )
    status = run_at(server, "status", "dev", "--format", "json", cwd=place)
    told = json.loads(status.stdout)
    again = run_at(server, "push", cwd=place)
    (workspace,) = server.state.workspaces.values()

    assert (pushed.returncode, created.returncode, status.returncode) == (0, 0, 0)
    assert 'template "my-codex" is made, with it active' in pushed.stdout
    assert template.words["display_name"] == "Docker with Codex (ChatGPT subscription)"
    assert template.words["icon"] == "/icon/docker.svg"
    assert workspace.latest.parameters["memory_gb"] == "16"
    assert 'agent "main": connected, ready' in created.stderr
    assert told["workspace"]["status"] == "running"
    assert {row["id"]: row["status"] for row in told["checks"]} == {
        "workspace": "ok",
        "template version": "ok",
        "agent main": "ok",
        "template files": "ok",
        "variable CODER_API_TOKEN": "ok",
        "app codex": "ok",
    }
    assert again.returncode == 0
    assert again.stdout.startswith("nothing changed: version ")
    assert server.state.uploads == 1


def test_nothing_that_is_said_or_sent_aside_from_its_header_shows_the_token(
    server: CoderServer, place: Path
) -> None:
    token = server.state.session_token
    values = {"TF_VAR_hidden": "h1dden-value-of-a-variable"}
    write_tree(
        place / "t",
        {"main.tf": f'{MINIMAL}\nvariable "hidden" {{\n  sensitive = true\n  type = string\n}}\n'},
    )
    lines = [("info", "Running", f"using {token} and {values['TF_VAR_hidden']}"), *BROKEN]
    server.state.plans.append(Plan(lines, error=f"bad {token}"))
    failed = run_at(
        server, "push", "t", "--variable", "hidden", "--no-validate", cwd=place, **values
    )
    done = run_at(server, "push", "t", "--variable", "hidden", "--no-validate", cwd=place, **values)
    create = run_at(server, "create", "dev", "--template", "t", cwd=place)
    said = "".join(run.stdout + run.stderr for run in (failed, done, create))
    search = SecretSearch({"token": token, "variable": values["TF_VAR_hidden"]})

    assert (failed.returncode, done.returncode) == (1, 0)
    assert search.found_in(said) == []
    assert SecretSearch({"token": token}).found_in("".join(server.sent)) == []
    (version,) = [item for item in server.state.versions.values() if item.template_id]
    assert version.variables == {"hidden": values["TF_VAR_hidden"]}


def test_ordinary_values_leave_the_log_readable(server: CoderServer, tmp_path: Path) -> None:
    blocks = 'variable "docker_host" {}\nvariable "on" {}\nvariable "n" {}\nvariable "pin" {}\n'
    write_tree(tmp_path / "t", {"main.tf": MINIMAL + blocks})
    line = "one true e of 1.0: unix:///run/docker.sock, hunter2secret"
    server.state.plans.append(Plan([("info", "Running", line)]))
    values = ("docker_host=unix:///run/docker.sock", "on=true", "n=1.0", "pin")
    options = [text for value in values for text in ("--variable", value)]
    done = run_at(
        server, "push", "t", "--no-validate", *options, cwd=tmp_path, TF_VAR_pin="hunter2secret"
    )

    assert f"   {line.replace('hunter2secret', 'hu...et')}\n" in done.stderr
    assert done.stdout.startswith('pushed version "')


def test_a_variable_without_a_value_and_environment_is_told(
    server: CoderServer, tmp_path: Path
) -> None:
    write_tree(tmp_path / "t", {"main.tf": f'{MINIMAL}\nvariable "a" {{}}\n'})
    done = run_at(server, "push", "t", "--no-validate", "--variable", "a", cwd=tmp_path)

    assert (done.returncode, server.asked) == (2, [])
    assert "TF_VAR_a is not set" in done.stderr


@pytest.mark.parametrize(
    ("format_name", "wanted"),
    [
        ("concise", "t/main.tf:16:3: PRV601 Terraform: Unsupported argument"),
        ("github", "::error title=PRV601 terraform-error,file=t/main.tf,line=16,col=3,"),
        ("text", '16 |   arch = "amd64"'),
    ],
)
def test_a_failing_job_exits_1_with_the_finding(
    server: CoderServer, tmp_path: Path, format_name: str, wanted: str
) -> None:
    write_tree(tmp_path / "t", {"main.tf": MINIMAL})
    server.state.plans.append(Plan(BROKEN, error="terraform plan: exit status 1"))
    done = run_at(server, "push", "t", "--format", format_name, cwd=tmp_path)

    assert done.returncode == 1
    assert wanted in done.stdout
    assert "is failed, and not active" in done.stderr
    assert server.state.templates == {}


def test_what_validate_refuses_is_not_pushed(server: CoderServer, tmp_path: Path) -> None:
    key = "sk-proj-0123456789abcdef0123456789abcdef"
    write_tree(tmp_path / "t", {"main.tf": f'{MINIMAL}\nlocals {{\n  k = "{key}"\n}}\n'})
    refused = run_at(server, "push", "t", "--format", "concise", cwd=tmp_path)
    asked = list(server.asked)
    forced = run_at(server, "push", "t", "--no-validate", cwd=tmp_path)

    assert (refused.returncode, asked) == (1, [])
    assert "t/main.tf:25:8: PRV101" in refused.stdout
    assert "nothing was pushed" in refused.stderr
    assert forced.returncode == 0


def test_a_wrong_rendered_file_is_named_where_it_would_be(server: CoderServer, place: Path) -> None:
    server.state.plans.append(Plan(BROKEN, error="no"))
    unnamed = run_at(server, "push", "--format", "concise", cwd=place)
    server.state.plans.append(Plan(BROKEN, error="no"))
    kept = run_at(server, "push", "--render-to", "out", "--format", "concise", cwd=place)

    assert unnamed.stdout.startswith("rendered/main.tf:16:")
    assert kept.stdout.startswith("out/main.tf:16:")
    assert (place / "out/codex.tf").exists()


def test_a_folder_that_is_not_ours_is_not_rendered_over(server: CoderServer, place: Path) -> None:
    write_tree(place, {"out/main.tf": "# mine\n"})
    done = run_at(server, "push", "--render-to", "out", cwd=place)

    assert (done.returncode, server.asked) == (2, [])
    assert done.stderr.endswith("; move it away, or give --render-to another folder\n")


def test_json_says_what_was_done_and_outputs_are_for_later_steps(
    server: CoderServer, tmp_path: Path
) -> None:
    write_tree(tmp_path / "t", {"main.tf": MINIMAL})
    done = run_at(
        server,
        "push",
        "t",
        "--format",
        "json",
        "--outputs",
        "out.env",
        "--version-name",
        "v1",
        cwd=tmp_path,
    )
    (version,) = server.state.versions.values()
    told = json.loads(done.stdout)

    assert told["findings"] == []
    assert told["push"] == {
        "template": "t",
        "version": "v1",
        "version_id": version.id,
        "is_dry_run": False,
        "is_changed": True,
        "is_new_template": True,
        "is_new_version": True,
        "is_active": True,
        "is_activated": True,
        "edited": [],
        "why": "the template is not there yet",
        "url": f"{server.url}/templates/t",
    }
    assert (tmp_path / "out.env").read_text().splitlines() == [
        "template=t",
        f"template_url={server.url}/templates/t",
        "template_version=v1",
        f"template_version_id={version.id}",
        "template_changed=true",
        "template_active=true",
    ]


def test_variables_come_from_files_and_options(server: CoderServer, tmp_path: Path) -> None:
    names = ("a", "b", "c", "d")
    blocks = "".join(f'variable "{name}" {{\n  type = string\n}}\n' for name in names)
    write_tree(
        tmp_path / "t",
        {
            "main.tf": MINIMAL + blocks,
            "terraform.tfvars": 'a = "1"\nb = "1"\nc = "1"\nother = "1"\n',
            "x.auto.tfvars.json": '{"b": "2", "c": 2, "d": ["x"]}',
        },
    )
    write_tree(tmp_path, {"more.tfvars": 'c = "3"\n'})
    done = run_at(
        server,
        "push",
        "t",
        "--no-validate",
        "--variables-file",
        "more.tfvars",
        "--variable",
        "a=x=y",
        cwd=tmp_path,
    )
    (version,) = server.state.versions.values()

    assert version.variables == {"a": "x=y", "b": "2", "c": "3", "d": '["x"]'}
    assert "t/terraform.tfvars: left out, as the template declares no such variable: other" in (
        done.stderr
    )
    assert sorted(server.state.uploaded(version)._files[0]) == [
        "data",
        "resource",
        "terraform",
        "variable",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["push", "nowhere"], 'there is no spec or folder "nowhere"'),
        (["push", "t", "--template", "not a name"], "is no name for a template"),
        (["push", "t", "--template", "x" * 32], "at most 31"),
        (
            ["push", "t", "--variable", "none=1"],
            'the template declares no variable "none"; there are none',
        ),
        (["push", "t", "--description", "x" * 128], "more than 127 bytes"),
        (["push", "t", "--org", "other"], "answered 404"),
        (["create", "w", "--template", "none"], 'there is no template "none"'),
        (["status", "w"], 'there is no workspace "w"'),
        (["push", "t", "--url", "ftp://x"], "is not the URL of a deployment"),
    ],
)
def test_what_cannot_be_done_says_why_and_makes_nothing(
    server: CoderServer, tmp_path: Path, arguments: list[str], words: str
) -> None:
    write_tree(tmp_path / "t", {"main.tf": MINIMAL})
    done = run_at(server, *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert server.changing == []


def test_a_missing_token_is_not_asked_for_without_a_terminal(
    server: CoderServer, tmp_path: Path
) -> None:
    done = run_at(server, "check", cwd=tmp_path, CODER_SESSION_TOKEN="")

    assert done.returncode == 2
    assert f"no session token for {server.url}: run `coder login {server.url}`" in done.stderr
    assert "CODER_SESSION_TOKEN=$(coder login token)" in done.stderr


def test_a_token_that_is_refused_says_what_to_do(server: CoderServer, tmp_path: Path) -> None:
    done = run_at(server, "check", cwd=tmp_path, CODER_SESSION_TOKEN="another-one")

    assert done.returncode == 2
    assert "answered 401" in done.stderr
    assert "run `coder login`, or set CODER_SESSION_TOKEN" in done.stderr


def test_a_workspace_is_stopped_started_and_updated(server: CoderServer, place: Path) -> None:
    run_at(server, "push", "--template", "c", ROOT / "examples/centralized.toml", cwd=place)
    spec = ["--spec", str(ROOT / "examples/centralized.toml")]
    server.state.module_environment = {"OPENAI_CODER_AIGATEWAY_SESSION_TOKEN": "x"}
    made = run_at(
        server,
        "create",
        "dev",
        "--template",
        "c",
        "--parameter",
        "codex_model=gpt-5.6-sol",
        *spec,
        cwd=place,
    )
    assert "parameter codex_model" in made.stdout, made
    assert made.returncode == 0, made.stdout
    running = run_at(server, "start", "dev", *spec, cwd=place)
    stopped = run_at(server, "stop", "dev", cwd=place)
    status = run_at(server, "status", "dev", *spec, cwd=place)
    run_at(server, "push", "--template", "c", "t", cwd=write_tree(place, {"t/main.tf": MINIMAL}))
    outdated = run_at(server, "status", "dev", *spec, cwd=place)
    updated = run_at(server, "start", "dev", "--update", *spec, cwd=place)
    (workspace,) = server.state.workspaces.values()

    assert "nothing to do: the workspace is running" in running.stderr
    assert stopped.stdout == "workspace dev: stopped\n"
    assert (status.returncode, "skipped   workspace" in status.stdout) == (0, True)
    assert "to do: provisioner coder start dev --update" in outdated.stdout
    assert updated.returncode == 1
    assert "failed    template files              codex.tf not as the spec says" in updated.stdout
    assert [build.transition for build in workspace.builds] == ["start", "stop", "start"]
    assert workspace.latest.version.id == workspace.template.active


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "dev", "--template", "t", "--spec", "missing.toml"],
        ["start", "dev", "--spec", "missing.toml"],
        ["status", "dev", "--spec", "missing.toml"],
        ["check", "missing.toml"],
    ],
)
def test_a_spec_that_cannot_be_read_is_told_before_anything_is_asked(
    server: CoderServer, tmp_path: Path, arguments: list[str]
) -> None:
    done = run_at(server, *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "missing.toml" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "dev", "--template", "t", "--spec", "wrong.toml"],
        ["status", "dev", "--spec", "wrong.toml"],
        ["check", "wrong.toml"],
    ],
)
def test_what_is_wrong_with_a_spec_is_reported_in_the_format(
    server: CoderServer, tmp_path: Path, arguments: list[str]
) -> None:
    write_tree(tmp_path, {"wrong.toml": 'flow = "none"\n'})
    done = run_at(server, *arguments, "--format", "json", cwd=tmp_path)

    assert (done.returncode, server.asked) == (1, [])
    assert [item["path"] for item in json.loads(done.stdout)["findings"]] == ["wrong.toml"]


@pytest.mark.parametrize("option", ["--outputs", "--output-file"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_made(
    server: CoderServer, tmp_path: Path, option: str
) -> None:
    write_tree(tmp_path / "t", {"main.tf": MINIMAL})
    done = run_at(server, "push", "t", option, "nowhere/x", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere/x" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize("format_name", ["text", "json"])
@pytest.mark.parametrize("command", [["create", "dev", "--template", "t"], ["stop", "dev"]])
def test_a_build_that_fails_is_reported_in_the_format(
    server: CoderServer, tmp_path: Path, command: list[str], format_name: str
) -> None:
    write_tree(tmp_path / "t", {"main.tf": MINIMAL})
    run_at(server, "push", "t", cwd=tmp_path)
    if command[0] == "stop":
        run_at(server, "create", "dev", "--template", "t", cwd=tmp_path)
    server.state.plans.append(Plan(BROKEN, error="terraform apply: exit status 1"))
    done = run_at(server, *command, "--format", format_name, cwd=tmp_path)

    assert done.returncode == 1
    assert "is failed" in done.stderr
    if format_name == "text":
        assert done.stdout.startswith("t/main.tf:16:3: error PRV601 Terraform: Unsupported argu")
        assert done.stdout.endswith("\n\n1 error in 1 file\n")
        return
    told = json.loads(done.stdout)
    assert [item["code"] for item in told["findings"]] == ["PRV601"]
    assert told["workspace"] == {
        "name": "dev",
        "build": 1 if command[0] == "create" else 2,
        "transition": "start" if command[0] == "create" else "stop",
        "status": "failed",
    }
