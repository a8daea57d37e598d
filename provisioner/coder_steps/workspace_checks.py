"""A workspace and the plan → what of the plan can be seen in it through Coder's API.

What is inside, such as the config file and the login, is for `provisioner doctor` there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from provisioner.coder_api.archive import Entry, unpack
from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Agent, Workspace
from provisioner.coder_api.problem import ApiError
from provisioner.coder_steps.agents import is_ready
from provisioner.doctor.model import Check, failed, ok, skipped, warning
from provisioner.errors import InputError
from provisioner.plan.model import EnvSource, EnvVar, Plan

__all__ = ["codex_checks", "workspace_checks"]

_LAUNCHER = "codex"
_DECIDING = ("codex.tf", "modules/codex/")
_OVERRIDE = re.compile(r"(?:[^/]+_)?override\.tf(?:\.json)?")
"""Files whose blocks Terraform puts over those of all others."""


def workspace_checks(workspace: Workspace) -> Iterator[Check]:
    """Look at the workspace itself: its build, its template version and its agents."""
    build = workspace.latest_build
    seen = f"{build.status}, build {build.build_number} ({build.transition})"
    if build.status == "running":
        yield ok("workspace", seen)
    elif build.status == "stopped":
        yield skipped("workspace", f"{seen}; `provisioner coder start` starts it")
    else:
        yield failed("workspace", seen, f"look at the log of build {build.build_number} in Coder")
    version = f'"{build.template_version_name}" of template "{workspace.template_name}"'
    if workspace.outdated:
        yield warning(
            "template version",
            f"{version}, which is not the active one",
            f"provisioner coder start {workspace.name} --update",
        )
    else:
        yield ok("template version", f"{version}, the active one")
    for agent in build.agents if build.transition == "start" else ():
        yield _agent_check(agent)


def codex_checks(
    client: CoderClient, workspace: Workspace, plan: Plan, files: Mapping[str, bytes]
) -> Iterator[Check]:
    """Look at what the plan decides: the template's files, variables, parameters and the app.

    `files` is what the plan renders into. Raises `CoderError`.
    """
    yield _files_check(client, workspace, files)
    yield from _parameter_checks(client, workspace, plan)
    if workspace.latest_build.transition != "start":
        yield skipped("environment", "the workspace is not started")
        return
    agents = workspace.latest_build.agents
    for variable in plan.env:
        yield _variable_check(variable, agents)
    slug = _LAUNCHER if plan.template.has_launcher else plan.module.own_app
    if slug:
        found = [app for agent in agents for app in agent.apps if app.slug == slug]
        if found:
            yield ok(f"app {slug}", "is there")
        else:
            yield failed(f"app {slug}", "is not there", "push the template again, and --update")


def _agent_check(agent: Agent) -> Check:
    name = f"agent {agent.name}"
    seen = f"{agent.status}, {agent.lifecycle_state}"
    if is_ready(agent):
        return ok(name, seen)
    if agent.lifecycle_state in {"start_error", "start_timeout"}:
        return failed(
            name, f"{seen}: a start script failed", "look at the agent's log, on its page in Coder"
        )
    return failed(name, seen, "wait, or look at the agent's log, on its page in Coder")


def _files_check(client: CoderClient, workspace: Workspace, files: Mapping[str, bytes]) -> Check:
    """Compare what decides Codex, and name what else Terraform reads and the spec does not say."""
    version = client.templates.version(workspace.latest_build.template_version_id)
    try:
        there = unpack(client.templates.download(version.job.file_id))
    except (ApiError, InputError):
        return skipped("template files", "this user may not read them")
    other = [name for name in sorted({*files, *there}) if _is_other(name, files, there)]
    wrong = [name for name in other if name.startswith(_DECIDING) or _OVERRIDE.fullmatch(name)]
    if wrong:
        fix = "provisioner coder push, then provisioner coder start --update"
        return failed("template files", f"{', '.join(wrong)} not as the spec says", fix)
    compared = [name for name in _DECIDING if any(file.startswith(name) for file in files)]
    seen = f"{', '.join(compared)} as the spec says"
    beside = [name for name in other if "/" not in name and name.endswith((".tf", ".tf.json"))]
    if beside:
        fix = "see that they leave Codex alone, or push what the spec renders"
        return warning("template files", f"{seen}; {', '.join(beside)} not", fix)
    return ok("template files", seen)


def _is_other(name: str, files: Mapping[str, bytes], there: Mapping[str, Entry]) -> bool:
    if name not in files or name not in there:
        return True
    return _bare(there[name].data) != _bare(files[name])


def _bare(data: bytes) -> list[bytes]:
    """Comments name the version that wrote them."""
    return [line for line in data.splitlines() if not line.lstrip().startswith(b"#")]


def _variable_check(variable: EnvVar, agents: tuple[Agent, ...]) -> Check:
    name = f"variable {variable.name}"
    is_set = any(agent.environment_variables.get(variable.name) for agent in agents)
    if is_set:
        return ok(name, "set in the agent's environment")
    if variable.source is EnvSource.USER:
        return skipped(name, f"the user's own, which Coder does not tell: {variable.help}")
    return failed(
        name,
        "not set in the agent's environment",
        "push the template again, then provisioner coder start --update",
    )


def _parameter_checks(client: CoderClient, workspace: Workspace, plan: Plan) -> Iterator[Check]:
    wanted = {item.parameter.name: item for item in plan.codex.settings if item.parameter}
    if not wanted:
        return
    given = client.workspaces.build_parameters(workspace.latest_build.id)
    for name, setting in wanted.items():
        check = f"parameter {name}"
        parameter = setting.parameter
        if name not in given:
            yield failed(check, "the workspace has none of it", "update the workspace")
        elif parameter and given[name] not in parameter.options:
            fix = f"provisioner coder start {workspace.name} --parameter {name}=VALUE"
            yield failed(check, f'"{given[name]}" is not what the spec allows', fix)
        else:
            yield ok(check, f'"{given[name]}", for {setting.key}')
