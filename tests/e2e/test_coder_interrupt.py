"""A real SIGINT or SIGTERM to the real process, at each place where something is being made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.coder_jobs import Job, Plan
from tests.support.coder_server import CoderServer, Fault, coder_server
from tests.support.coder_world import MINIMAL, CoderWorld, run_at, start_at
from tests.support.tree import write_tree

NEVER = Plan(never_ends=True)
NOTHING = "left: nothing was made on the deployment"


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a template `t`."""
    return write_tree(tmp_path, {"t/main.tf": MINIMAL})


def gate(server: CoderServer, operation: str, skip: int = 0) -> Fault:
    return server.fault(operation, gate=threading.Event(), skip=skip)


def change(place: Path) -> None:
    write_tree(place, {"t/main.tf": f"{MINIMAL}\n# changed\n"})


@pytest.mark.parametrize("operation", ["organization", "template_by_name", "upload"])
def test_before_a_version_is_asked_for_nothing_is_left(
    server: CoderServer, place: Path, operation: str
) -> None:
    world = CoderWorld(start_at(server, "push", "t", cwd=place), gate(server, operation))
    code, out, err = world.interrupt()

    assert (code, out) == (130, "")
    assert NOTHING in err
    assert server.state.versions == {}


def test_while_the_version_is_asked_for_the_answer_is_waited_for_and_the_job_canceled(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    (first,) = server.state.versions.values()
    change(place)
    fault = gate(server, "create_template_version")
    process = start_at(server, "push", "t", cwd=place)
    world = CoderWorld(process, fault)
    assert fault.reached.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    told = ""
    while "stopping when the deployment has answered" not in told:
        told = process.stderr.readline()
        assert told
    code, _, err = world.rest()
    (second,) = [item for item in server.state.versions.values() if item.id != first.id]

    assert code == 130
    assert second.job.status == "canceled"
    assert f'left: version "{second.name}" ({second.id}) of template "t" is canceled' in err
    assert "left: the same command makes a new one" in err
    assert server.state.templates[str(first.template_id)].active == first.id


def test_a_second_interrupt_does_not_wait_and_says_that_it_does_not_know(
    server: CoderServer, place: Path
) -> None:
    fault = gate(server, "create_template_version")
    process = start_at(server, "push", "t", cwd=place)
    assert fault.reached.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping when" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert 'of template "t" may be there, not active' in err
    assert server.state.templates == {}


@pytest.mark.parametrize(
    ("sign", "pushes_before"), [(signal.SIGINT, 0), (signal.SIGINT, 1), (signal.SIGTERM, 0)]
)
def test_while_the_job_runs_it_is_canceled_and_the_next_push_makes_a_version(
    server: CoderServer, place: Path, sign: signal.Signals, pushes_before: int
) -> None:
    if pushes_before:
        run_at(server, "push", "t", cwd=place)
        change(place)
    before = {item.id: item.active for item in server.state.templates.values()}
    server.state.plans.append(NEVER)
    fault = server.fault("template_version_logs", skip=2)
    world = CoderWorld(start_at(server, "push", "t", cwd=place), fault)
    code, out, err = world.interrupt(sign)
    interrupted = list(server.state.versions.values())[-1]
    after = {item.id: item.active for item in server.state.templates.values()}
    again = run_at(server, "push", "t", cwd=place)

    assert (code, out) == (130, "")
    assert interrupted.job.status == "canceled"
    assert f'version "{interrupted.name}" ({interrupted.id}) of template "t" is canceled' in err
    assert before == after
    assert again.returncode == 0
    assert "is active now" in again.stdout or "with it active" in again.stdout


def test_between_the_job_and_the_activation_the_next_push_goes_on(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    (template,) = server.state.templates.values()
    before = template.active
    change(place)
    fault = server.fault("template", answer=None, cut="before")
    fault.gate = threading.Event()
    world = CoderWorld(start_at(server, "push", "t", cwd=place), fault)
    code, _, err = world.interrupt()
    assert template.active == before
    uploads = server.state.uploads
    again = run_at(server, "push", "t", cwd=place)

    assert code == 130
    assert "is ready, and not active" in err
    assert "left: the same command makes it active" in err
    assert again.returncode == 0
    assert "is active now" in again.stdout
    assert server.state.uploads == uploads


def test_while_it_becomes_active_the_answer_is_waited_for_and_told(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    (template,) = server.state.templates.values()
    change(place)
    world = CoderWorld(start_at(server, "push", "t", cwd=place), gate(server, "activate_version"))
    code, _, err = world.interrupt()
    newest = list(server.state.versions.values())[-1]

    assert code == 130
    assert template.active == newest.id
    assert f'left: version "{newest.name}" ({newest.id}) of template "t" is active' in err


def test_while_a_workspace_is_built_the_build_is_canceled_and_start_goes_on(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    server.state.plans.append(NEVER)
    fault = server.fault("workspace_build_logs", skip=2)
    world = CoderWorld(start_at(server, "create", "dev", "--template", "t", cwd=place), fault)
    code, _, err = world.interrupt()
    (workspace,) = server.state.workspaces.values()
    again = run_at(server, "start", "dev", cwd=place)

    assert code == 130
    assert workspace.builds[0].status == "canceled"
    assert 'left: build 1 (start) of workspace "dev" is canceled' in err
    assert "left: to go on: provisioner coder start dev" in err
    assert "left: to remove it: coder delete dev" in err
    assert again.returncode == 0


def test_while_the_agent_is_waited_for_the_workspace_stays(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    server.state.life = (("connecting", "created"),)
    fault = server.fault("workspace", skip=3)
    world = CoderWorld(start_at(server, "create", "dev", "--template", "t", cwd=place), fault)
    code, _, err = world.interrupt()
    (workspace,) = server.state.workspaces.values()

    assert code == 130
    assert workspace.latest.status == "running"
    assert "left: to see: provisioner coder status dev" in err


def test_a_deployment_that_is_gone_when_the_job_must_be_canceled_is_told(
    server: CoderServer, place: Path
) -> None:
    server.state.plans.append(NEVER)
    fault = server.fault("template_version_logs", skip=2)
    for operation in ("template_version", "cancel_template_version"):
        server.fault(operation, cut="before", skip=3, times=99)
    process = start_at(server, "push", "t", cwd=place)
    assert fault.reached.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "asking Coder to cancel the job" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "is still being made (" in err
    assert server.state.templates == {}


def test_a_job_of_another_run_that_is_only_followed_goes_on(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    change(place)
    run_at(server, "push", "t", "--no-activate", cwd=place)
    theirs = list(server.state.versions.values())[-1]
    theirs.job = Job(theirs.job.file_id, NEVER)
    fault = server.fault("template_version_logs", skip=2)
    code, _, err = CoderWorld(start_at(server, "push", "t", cwd=place), fault).interrupt()

    assert code == 130
    assert theirs.job.status == "running"
    assert "the job goes on: another run started it" in err
    assert f'left: version "{theirs.name}" ({theirs.id}) of template "t" is still being made' in err
    assert "left: the same command follows it" in err


def test_a_build_of_another_run_that_is_only_followed_goes_on(
    server: CoderServer, place: Path
) -> None:
    run_at(server, "push", "t", cwd=place)
    run_at(server, "create", "dev", "--template", "t", cwd=place)
    (workspace,) = server.state.workspaces.values()
    workspace.latest.job = Job(workspace.latest.job.file_id, NEVER)
    fault = server.fault("workspace_build_logs", skip=2)
    code, _, err = CoderWorld(start_at(server, "start", "dev", cwd=place), fault).interrupt()

    assert code == 130
    assert [build.job.status for build in workspace.builds] == ["running"]
    assert "the build goes on: another run started it" in err
    assert 'left: build 1 (start) of workspace "dev" is' in err
