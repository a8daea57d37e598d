"""Workspaces at a Coder that keeps state: what is refused before, and what is found after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from provisioner.coder_api.archive import Entry
from provisioner.coder_api.models import Workspace
from provisioner.coder_api.problem import ApiError
from provisioner.coder_steps.agents import wait_for_agents
from provisioner.coder_steps.left_behind import LeftVersion, LeftWorkspace
from provisioner.coder_steps.push import PushWish, push
from provisioner.coder_steps.workspace import BuildWish, build, create, find_workspace
from provisioner.coder_steps.workspace_checks import codex_checks, workspace_checks
from provisioner.doctor.model import Check
from provisioner.errors import CoderError, FindingsError, InputError
from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.spec.load import load
from tests.support.coder_jobs import Plan
from tests.support.coder_operations import Answer
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_state import CoderState
from tests.support.coder_steps_world import Stage, entries
from tests.support.coder_world import MINIMAL
from tests.support.command import ROOT

ASKS = """
data "coder_parameter" "model" {
  name    = "model"
  type    = "string"
  default = "a"
  option {
    name  = "A"
    value = "a"
  }
  option {
    name  = "B"
    value = "b"
  }
}

data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  mutable = true
  validation {
    min = 1
    max = 64
  }
}

data "coder_parameter" "gpu" {
  name    = "gpu"
  type    = "bool"
  default = "false"
}

data "coder_workspace_preset" "big" {
  name       = "Big"
  parameters = { size = "9" }
}
"""


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def stage(server: CoderServer) -> Iterator[Stage]:
    """A deployment with the template `t`."""
    made = Stage(server)
    with made.client:
        made.push(entries(asks_tf=ASKS))
        server.asked.clear()
        yield made


def wish(transition: str = "start", **more: Any) -> BuildWish:
    given = {"parameters": {"size": "1"}, "template": "t", **more}
    return BuildWish("dev", transition, **given)


def made(stage: Stage, **more: Any) -> tuple[Workspace, LeftWorkspace]:
    left = LeftWorkspace("dev", "start")
    return create(stage.client, wish(**more), left, stage.watch), left


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"parameters": {"sise": "1"}}, 'no parameter "sise"; there are: gpu, model, size'),
        ({"parameters": {"size": "big"}}, 'cannot be "big"; it is a number'),
        ({"parameters": {"size": "0"}}, "cannot be 0; it is 1 or more"),
        ({"parameters": {"size": "77"}}, "cannot be 77; it is 64 or less"),
        ({"parameters": {"size": "1", "gpu": "yes"}}, 'cannot be "yes"; there are: false, true'),
        ({"parameters": {"size": "1", "model": "c"}}, 'cannot be "c"; there are: a, b'),
        ({"parameters": {}}, "needs more: give --parameter size=VALUE"),
        ({"preset": "Huge"}, 'no preset "Huge"; there are: Big'),
        ({"preset": "big", "parameters": {"size": "1"}}, 'preset "big" sets "size" to "9"'),
        ({"template": "u"}, 'there is no template "u"'),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(
    server: CoderServer, stage: Stage, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        made(stage, **given)

    assert server.changing == []


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"parameters": {"size": "1"}}, {"gpu": "false", "model": "a", "size": "1"}),
        (
            {"parameters": {"size": "9", "model": "b"}, "preset": "Big"},
            {"gpu": "false", "model": "b", "size": "9"},
        ),
        ({"parameters": {}, "preset": "BIG"}, {"gpu": "false", "model": "a", "size": "9"}),
    ],
)
def test_values_and_presets_arrive(
    server: CoderServer, stage: Stage, given: dict[str, Any], values: dict[str, str]
) -> None:
    workspace, left = made(stage, **given)

    assert workspace.latest_build.status == "running"
    assert server.state.workspaces[workspace.id].latest.parameters == values
    assert (left.build, left.state) == (1, "succeeded")


def test_a_name_that_is_taken_is_refused(server: CoderServer, stage: Stage) -> None:
    made(stage)
    with pytest.raises(InputError, match="`provisioner coder start dev` starts it"):
        made(stage)

    assert server.changing == ["create_workspace"]


@pytest.mark.parametrize("operation", ["create_workspace", "create_build"])
def test_a_build_whose_asking_was_not_answered_is_found(
    server: CoderServer, stage: Stage, operation: str
) -> None:
    server.fault(operation, cut="answer")
    workspace, _ = made(stage)
    left = LeftWorkspace("dev", "stop")
    stopped, was_needed = build(stage.client, wish("stop", parameters={}), left, stage.watch)

    assert (stopped.latest_build.status, was_needed) == ("stopped", True)
    assert len(server.state.workspaces[workspace.id].builds) == 2


def test_a_build_that_is_refused_is_not_taken_for_ours(server: CoderServer, stage: Stage) -> None:
    made(stage)
    server.fault("create_build", answer=Answer(500, {"message": "no"}))
    left = LeftWorkspace("dev", "stop")
    with pytest.raises(CoderError, match="answered 500: no"):
        build(stage.client, wish("stop", parameters={}), left, stage.watch)

    assert left.lines[0] == 'workspace "dev" may have been asked to stop'


def test_a_build_under_way_is_followed_to_its_end_first(server: CoderServer, stage: Stage) -> None:
    workspace, _ = made(stage)
    state = server.state.workspaces[workspace.id]
    stage.client.workspaces.new_build(workspace.id, "stop", parameters={})
    left = LeftWorkspace("dev", "start")
    started, _ = build(stage.client, wish(), left, stage.watch)

    assert "build 2 is still under way" in stage.said
    assert [item.transition for item in state.builds] == ["start", "stop", "start"]
    assert started.latest_build.status == "running"


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_build_of_somebody_else_that_ends_badly_does_not_stop_ours(
    server: CoderServer, stage: Stage, status: str
) -> None:
    workspace, _ = made(stage)
    server.state.plans.append(Plan((), error="exit status 1"))
    stage.client.workspaces.new_build(workspace.id, "stop", parameters={})
    theirs = server.state.workspaces[workspace.id].latest
    if status == "canceled":
        theirs.job.cancel()
    left = LeftWorkspace("dev", "start")
    started, was_needed = build(stage.client, wish(), left, stage.watch)

    assert (theirs.job.status, was_needed) == (status, True)
    assert f"build 2 is {status}; going on" in stage.said
    assert started.latest_build.status == "running"
    assert (left.build, left.state) == (3, "succeeded")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"sise": "1"}, 'no parameter "sise"; there are: gpu, model, size'),
        ({"model": "c"}, 'cannot be "c"; there are: a, b'),
        ({"model": "b"}, 'parameter "model" is "a", and stays so'),
    ],
)
def test_a_start_refuses_what_does_not_fit_before_anything_is_built(
    server: CoderServer, stage: Stage, parameters: dict[str, str], words: str
) -> None:
    made(stage)
    server.asked.clear()
    left = LeftWorkspace("dev", "start")
    with pytest.raises(InputError, match=words):
        build(stage.client, wish(parameters=parameters), left, stage.watch)

    assert server.changing == []
    assert left.lines == ["nothing was made on the deployment"]


@pytest.mark.parametrize(
    ("parameters", "builds"),
    [({"size": "1", "model": "a"}, 1), ({"size": "2"}, 2)],
)
def test_a_start_with_parameters_builds_only_where_one_is_another(
    server: CoderServer, stage: Stage, parameters: dict[str, str], builds: int
) -> None:
    workspace, _ = made(stage)
    left = LeftWorkspace("dev", "start")
    _, was_needed = build(stage.client, wish(parameters=parameters), left, stage.watch)
    state = server.state.workspaces[workspace.id]

    assert (was_needed, len(state.builds)) == (builds > 1, builds)
    assert state.latest.parameters == {"gpu": "false", "model": "a", "size": "1", **parameters}


def test_an_update_to_a_version_that_asks_for_more_says_so(
    server: CoderServer, stage: Stage
) -> None:
    made(stage)
    more = 'data "coder_parameter" "zone" {\n  name = "zone"\n}\n'
    stage.push(entries(asks_tf=ASKS + more))
    server.asked.clear()
    left = LeftWorkspace("dev", "start")
    with pytest.raises(InputError, match="needs more: give --parameter zone=VALUE"):
        build(stage.client, wish(parameters={}, updates=True), left, stage.watch)

    assert server.changing == []


def test_a_failed_build_is_findings(server: CoderServer, stage: Stage) -> None:
    lines = [("error", "Apply", "Error: no such image"), ("error", "Apply", "on main.tf line 3:")]
    server.state.plans.append(Plan(lines, error="terraform apply: exit status 1"))
    left = LeftWorkspace("dev", "start")
    with pytest.raises(FindingsError) as caught:
        create(stage.client, wish(), left, stage.watch)
    (finding,) = caught.value.result.findings

    assert (finding.message, finding.path) == ("Terraform: no such image", "t/main.tf")
    assert caught.value.result.sources == {"t/main.tf": MINIMAL}
    assert any('stands for the files of version "p' in said for said in stage.said)
    assert left.lines[0] == 'build 1 (start) of workspace "dev" is failed'


def test_a_canceled_build_is_no_success(server: CoderServer, stage: Stage) -> None:
    def cancel(state: CoderState) -> None:
        (workspace,) = state.workspaces.values()
        workspace.latest.job.cancel()

    server.fault("workspace_build_logs", act=cancel)
    with pytest.raises(CoderError, match="was canceled"):
        made(stage)


@pytest.mark.parametrize(
    ("life", "status", "words"),
    [
        ((("connected", "ready"),), "ok", "connected, ready"),
        ((("connected", "start_error"),), "failed", "a start script failed"),
        ((("timeout", "created"),), "failed", "timeout, created"),
    ],
)
def test_agents_are_waited_for_until_nothing_changes(
    server: CoderServer, stage: Stage, life: tuple[tuple[str, str], ...], status: str, words: str
) -> None:
    server.state.life = (("connecting", "created"), ("connected", "starting"), *life)
    workspace, _ = made(stage)
    ticks = iter(range(1_000))
    settled = wait_for_agents(stage.client, workspace, 50, stage.watch, lambda: next(ticks))
    checks = {check.id: check for check in workspace_checks(settled)}

    assert checks["agent main"].status.value == status
    assert words in checks["agent main"].seen
    assert [said for said in stage.said if said.startswith("agent")][:2] == [
        'agent "main": connecting, created',
        'agent "main": connected, starting',
    ]


def test_a_workspace_of_somebody_else_is_named_with_its_owner(
    server: CoderServer, stage: Stage
) -> None:
    made(stage)

    assert find_workspace(stage.client, "grace/dev").name == "dev"
    assert any(sent.startswith("GET /api/v2/users/grace/workspace/dev") for sent in server.sent)


@pytest.mark.parametrize("name", ["new", "a b", "-a", "a--b", "x" * 33, "../dev"])
def test_a_name_that_coder_refuses_is_refused_at_once(
    server: CoderServer, stage: Stage, name: str
) -> None:
    asked = BuildWish(name, "start", {"size": "1"}, template="t")
    with pytest.raises(InputError, match="no name for a workspace"):
        create(stage.client, asked, LeftWorkspace(name, "start"), stage.watch)

    assert server.asked == []


@pytest.mark.parametrize("name", ["..", "a?b", "a#b", "%2e%2e"])
def test_a_name_is_never_a_path(server: CoderServer, stage: Stage, name: str) -> None:
    with pytest.raises((InputError, CoderError)):
        find_workspace(stage.client, name)

    assert set(server.asked) <= {"workspace_by_name"}


def test_a_workspace_that_is_refused_was_not_asked_for(server: CoderServer, stage: Stage) -> None:
    server.fault("create_workspace", answer=Answer(403, {"message": "Forbidden."}))
    left = LeftWorkspace("dev", "start")
    with pytest.raises(ApiError, match="answered 403: Forbidden"):
        create(stage.client, wish(), left, stage.watch)

    assert left.lines == ["nothing was made on the deployment"]


def test_a_start_that_is_refused_was_not_asked_for(server: CoderServer, stage: Stage) -> None:
    made(stage)
    left = LeftWorkspace("dev", "stop")
    server.fault("create_build", answer=Answer(403, {"message": "Forbidden."}))
    with pytest.raises(ApiError, match="answered 403: Forbidden"):
        build(stage.client, wish("stop", parameters={}), left, stage.watch)

    assert left.lines == ["nothing was made on the deployment"]


def test_only_a_template_that_the_spec_renders_is_called_so(stage: Stage) -> None:
    plan = resolve(load(ROOT / "examples/chatgpt.toml"))
    files = render(plan)
    rendered = {name: Entry(data) for name, data in files.items()}

    def check(name: str, **changed: str) -> Check:
        more = {file.replace("_tf", ".tf"): Entry(text.encode()) for file, text in changed.items()}
        stage.left = LeftVersion(name)
        push(stage.client, PushWish(name, {**rendered, **more}, name), stage.left, stage.watch)
        left = LeftWorkspace(name, "start")
        asked = BuildWish(name, "start", {}, template=name)
        workspace = create(stage.client, asked, left, stage.watch)
        return next(codex_checks(stage.client, workspace, plan, files))

    as_rendered, overridden = check("plain"), check("over", codex_override_tf="locals {}")
    edited = check("more", zz_tf="locals {}", main_tf=files["main.tf"].decode() + "locals {}\n")
    other = check("other", codex_tf="locals {}")

    assert [(item.status.value, item.seen) for item in (as_rendered, overridden, other)] == [
        ("ok", "codex.tf as the spec says"),
        ("failed", "codex_override.tf not as the spec says"),
        ("failed", "codex.tf not as the spec says"),
    ]
    assert (edited.status.value, edited.seen) == (
        "warning",
        "codex.tf as the spec says; main.tf, zz.tf not",
    )
