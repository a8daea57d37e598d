"""An interrupt at each request of a push or a create: nothing half-made is active, all is told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from provisioner.coder_steps.agents import wait_for_agents
from provisioner.coder_steps.left_behind import LeftWorkspace
from provisioner.coder_steps.workspace import BuildWish, build, create
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_steps_world import Stage, entries

OTHER = entries(other_tf="locals {\n  a = 1\n}\n")
OLD, NEW = {"icon": "/icon/a.svg"}, {"icon": "/icon/b.svg"}


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def stage(server: CoderServer) -> Iterator[Stage]:
    made = Stage(server)
    with made.client:
        yield made


def interrupt_at(server: CoderServer, operation: str) -> None:
    """Send a real signal to this thread while the server has the request."""
    thread = threading.get_ident()
    server.fault(operation, act=lambda _: signal.pthread_kill(thread, signal.SIGINT))


def settled(server: CoderServer) -> bool:
    jobs = [version.job for version in server.state.versions.values()]
    jobs += [build.job for item in server.state.workspaces.values() for build in item.builds]
    return all(job.status in {"succeeded", "canceled"} for job in jobs)


@pytest.mark.parametrize(
    "operation",
    [
        "organization",
        "template_by_name",
        "template_version",
        "download",
        "template_versions",
        "upload",
        "create_template_version",
        "template_version_logs",
        "template",
        "activate_version",
        "update_template",
    ],
)
def test_a_push_of_a_change(server: CoderServer, stage: Stage, operation: str) -> None:
    first = stage.push(words=OLD)
    (template,) = server.state.templates.values()
    interrupt_at(server, operation)
    with stage.watch.interrupts, pytest.raises(KeyboardInterrupt):
        stage.push(OTHER, words=NEW)
    left, asked = stage.left.lines, server.changing
    new = [item for item in server.state.versions.values() if item.id != first.version_id]

    assert settled(server)
    assert (template.active != first.version_id) == (asked.count("activate_version") > 0)
    assert (left == ["nothing was made on the deployment"]) == (new == [])
    assert all(f'version "{item.name}" ({item.id}) of template "t" is ' in left[0] for item in new)

    done = stage.push(OTHER, words=NEW)

    assert template.active == done.version_id
    assert template.words["icon"] == NEW["icon"]


@pytest.mark.parametrize(
    "operation",
    [
        "organization",
        "template_by_name",
        "upload",
        "create_template_version",
        "template_version",
        "template_version_logs",
        "create_template",
    ],
)
def test_a_first_push(server: CoderServer, stage: Stage, operation: str) -> None:
    interrupt_at(server, operation)
    with stage.watch.interrupts, pytest.raises(KeyboardInterrupt):
        stage.push()
    left = stage.left.lines

    assert settled(server)
    assert bool(server.state.templates) == (operation == "create_template")
    assert (left == ["nothing was made on the deployment"]) == (server.state.versions == {})

    done = stage.push()

    assert [item.active for item in server.state.templates.values()] == [done.version_id]


@pytest.mark.parametrize(
    "operation",
    [
        "organization",
        "template_by_name",
        "workspace_by_name",
        "template_version_parameters",
        "create_workspace",
        "workspace_build",
        "workspace_build_logs",
        "workspace",
    ],
)
def test_a_create(server: CoderServer, stage: Stage, operation: str) -> None:
    stage.push()
    interrupt_at(server, operation)
    left = LeftWorkspace("dev", "start")
    wish = BuildWish("dev", "start", {}, template="t")

    def make() -> None:
        made = create(stage.client, wish, left, stage.watch)
        wait_for_agents(stage.client, made, 50, stage.watch)

    with stage.watch.interrupts, pytest.raises(KeyboardInterrupt):
        make()

    assert settled(server)
    assert (left.lines == ["nothing was made on the deployment"]) == (server.state.workspaces == {})

    if server.state.workspaces:
        again, _ = build(stage.client, wish, LeftWorkspace("dev", "start"), stage.watch)
    else:
        again = create(stage.client, wish, left, stage.watch)

    assert again.latest_build.status == "running"
