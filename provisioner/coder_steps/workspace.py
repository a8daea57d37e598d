"""A workspace that is made, started or stopped, with its log as it grows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from provisioner.coder_api.archive import Entry, unpack
from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Job, LogLine, Workspace, WorkspaceBuild
from provisioner.coder_api.problem import ApiError, UnknownOutcomeError, UnreachableError
from provisioner.coder_api.workspace_calls import NewWorkspace
from provisioner.coder_steps.follow_job import build_source, cancel, follow
from provisioner.coder_steps.job_findings import PushedFiles, failed_job_findings
from provisioner.coder_steps.left_behind import LeftWorkspace
from provisioner.coder_steps.watch import Watch
from provisioner.coder_steps.workspace_values import changed_values, workspace_values
from provisioner.errors import CoderError, FindingsError, InputError

__all__ = ["BuildWish", "build", "create", "find_workspace"]

_OWNER = "me"
_NAME = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_NAME_LENGTH = 32
_NO_NAMES = ("create", "new")
_DONE = {"start": "running", "stop": "stopped"}
_ENDED = frozenset({"succeeded", "canceled", "failed"})


@dataclass(frozen=True, slots=True)
class BuildWish:
    """What becomes of a workspace."""

    workspace: str
    transition: str
    """`start` or `stop`."""
    parameters: Mapping[str, str]
    template: str = ""
    """For a new workspace."""
    organization: str = "default"
    preset: str = ""
    updates: bool = False
    """Whether it goes to the active version of its template."""


def find_workspace(client: CoderClient, name: str) -> Workspace:
    """Return the workspace `NAME` or `OWNER/NAME`; raises `InputError` where there is none."""
    owner, _, own = name.rpartition("/")
    found = client.workspaces.find(owner or _OWNER, own)
    if found is None:
        raise InputError(
            f'there is no workspace "{name}"; make one with '
            f"`provisioner coder create {own} --template NAME`"
        )
    return found


def create(client: CoderClient, wish: BuildWish, left: LeftWorkspace, watch: Watch) -> Workspace:
    """Make a workspace of the active version of a template and build it.

    Raises `InputError` for parameters that do not fit, `FindingsError` when Terraform fails and
    `CoderError`.
    """
    with _letting_go(client, left, watch):
        return _created(client, wish, left, watch)


def _created(client: CoderClient, wish: BuildWish, left: LeftWorkspace, watch: Watch) -> Workspace:
    _refuse_name(wish.workspace)
    organization = client.templates.organization(wish.organization)
    template = client.templates.find(organization.id, wish.template)
    if template is None:
        raise InputError(f'there is no template "{wish.template}"; `provisioner coder push` it')
    if client.workspaces.find(_OWNER, wish.workspace) is not None:
        raise InputError(
            f'there is a workspace "{wish.workspace}" already; '
            f"`provisioner coder start {wish.workspace}` starts it"
        )
    values = workspace_values(client, template.active_version_id, wish.parameters, wish.preset)
    new = NewWorkspace(wish.workspace, template.id, values.parameters, values.preset_id)
    left.is_new = True
    with watch.interrupts.held():
        left.is_asked = True
        try:
            made = client.workspaces.create(_OWNER, new)
        except UnknownOutcomeError:
            found = client.workspaces.find(_OWNER, wish.workspace)
            if found is None:
                raise
            made = found
        except (ApiError, UnreachableError):
            left.is_asked = False
            raise
        left.is_own = True
        _note(left, made.latest_build)
    return _followed(client, made, left, watch)


def build(
    client: CoderClient, wish: BuildWish, left: LeftWorkspace, watch: Watch
) -> tuple[Workspace, bool]:
    """Start or stop a workspace; return it and whether there was anything to do.

    A build that is under way is followed to its end first, whatever that is. Raises like `create`.
    """
    with _letting_go(client, left, watch):
        return _built(client, wish, left, watch)


def _built(
    client: CoderClient, wish: BuildWish, left: LeftWorkspace, watch: Watch
) -> tuple[Workspace, bool]:
    workspace = _when_idle(client, find_workspace(client, wish.workspace), left, watch)
    latest = workspace.latest_build
    version = _version_to_build(client, workspace, wish) or latest.template_version_id
    is_other = version != latest.template_version_id
    changed: Mapping[str, str] = {}
    if wish.parameters or is_other:
        now = client.workspaces.build_parameters(latest.id)
        changed = changed_values(client, version, wish.parameters, now)
    if latest.status == _DONE[wish.transition] and not changed and not is_other:
        return workspace, False
    left.transition, left.build, left.build_id, left.state = wish.transition, 0, "", ""
    with watch.interrupts.held():
        left.is_asked = True
        try:
            started = client.workspaces.new_build(
                workspace.id,
                wish.transition,
                parameters=wish.parameters,
                version_id=version if is_other else "",
            )
        except UnknownOutcomeError:
            started = client.workspaces.get(workspace.id).latest_build
            if started.build_number <= latest.build_number or started.transition != wish.transition:
                raise
        except (ApiError, UnreachableError):
            left.is_asked = False
            raise
        left.is_own = True
        _note(left, started)
    return _followed(client, client.workspaces.get(workspace.id), left, watch), True


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _NAME_LENGTH or name in _NO_NAMES:
        raise InputError(
            f'"{name}" is no name for a workspace: Coder takes letters, digits and single hyphens, '
            f"at most {_NAME_LENGTH}, and neither of {', '.join(_NO_NAMES)}"
        )


def _version_to_build(client: CoderClient, workspace: Workspace, wish: BuildWish) -> str:
    if not wish.updates:
        return ""
    return client.templates.get(workspace.template_id).active_version_id


def _when_idle(
    client: CoderClient, workspace: Workspace, left: LeftWorkspace, watch: Watch
) -> Workspace:
    """Wait for the end of a build that another run started, and return the workspace after it."""
    build = workspace.latest_build
    if not build.job.is_active:
        return workspace
    watch.say(f"build {build.build_number} is still under way")
    left.is_asked, left.transition = True, build.transition
    _note(left, build)
    job, _ = _ended(client, build, left, watch)
    left.is_asked = False
    if not job.has_succeeded:
        watch.say(f"build {build.build_number} is {job.status}; going on")
    return client.workspaces.get(workspace.id)


def _followed(
    client: CoderClient, workspace: Workspace, left: LeftWorkspace, watch: Watch
) -> Workspace:
    """Wait for the end of the latest build; raises `FindingsError` when it failed."""
    build = workspace.latest_build
    job, lines = _ended(client, build, left, watch)
    if job.status == "canceled":
        raise CoderError(f'build {left.build} of workspace "{workspace.name}" was canceled')
    if not job.has_succeeded:
        name = workspace.template_name
        watch.say(
            f"build {left.build} failed; {name}/ stands for the files of version "
            f'"{build.template_version_name}" of template "{name}"'
        )
        files = PushedFiles(_files(client, build), name)
        raise FindingsError(failed_job_findings(lines, job.error, files))
    return client.workspaces.get(workspace.id)


def _ended(
    client: CoderClient, build: WorkspaceBuild, left: LeftWorkspace, watch: Watch
) -> tuple[Job, list[LogLine]]:
    job, lines = follow(build_source(client, build.id), watch)
    left.state = job.status
    return job, lines


def _files(client: CoderClient, build: WorkspaceBuild) -> Mapping[str, Entry]:
    """Return what the build was made of, to show its lines; nothing where it may not be read."""
    try:
        version = client.templates.version(build.template_version_id)
        return unpack(client.templates.download(version.job.file_id))
    except (CoderError, InputError):
        return {}


def _note(left: LeftWorkspace, started: WorkspaceBuild) -> None:
    left.build, left.build_id = started.build_number, started.id
    left.state = started.job.status


@contextmanager
def _letting_go(client: CoderClient, left: LeftWorkspace, watch: Watch) -> Iterator[None]:
    """Cancel the build on Ctrl-C, unless it is that of another run, which may still wait for it."""
    try:
        yield
    except KeyboardInterrupt:
        if left.build_id and left.state not in _ENDED:
            if left.is_own:
                watch.say("asking Coder to cancel the build; once more stops without waiting")
                left.state = cancel(build_source(client, left.build_id), watch)
            else:
                watch.say("the build goes on: another run started it")
        raise
