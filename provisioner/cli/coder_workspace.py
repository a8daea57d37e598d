"""`provisioner coder create`, `start`, `stop` and `status`: workspaces of a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.coder_options import (
    connect,
    deployment_options,
    named_values,
    organization_option,
    session,
)
from provisioner.cli.format_option import format_option
from provisioner.cli.reported_findings import reported_findings
from provisioner.cli.spec_argument import DEFAULT_SPEC

if TYPE_CHECKING:
    from provisioner.coder_api.client import CoderClient
    from provisioner.coder_api.models import Workspace
    from provisioner.coder_steps.left_behind import LeftWorkspace
    from provisioner.doctor.model import Check
    from provisioner.plan.model import Plan

__all__ = ["create", "start", "status", "stop"]

_NAME = click.argument("name")
_SPEC = click.option(
    "--spec",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check that Codex is set up as it says.  [default: ./provisioner.toml, if there]",
)
_PARAMETER = click.option(
    "--parameter", multiple=True, metavar="NAME=VALUE", help="Value of a parameter of the template."
)
_WAIT = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the agent after the build.",
)
_VERBOSE = click.option(
    "-v", "--verbose", is_flag=True, help="Show debug lines of Coder's log too."
)


def _with(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


@click.command("create")
@_with(
    _NAME,
    _PARAMETER,
    _SPEC,
    _WAIT,
    deployment_options,
    organization_option,
    format_option,
    _VERBOSE,
)
@click.option("--template", required=True, metavar="NAME", help="Template to make it of.")
@click.option("--preset", default="", metavar="NAME", help="Preset of the template to take.")
@click.pass_context
def create(ctx: click.Context, /, name: str, **given: Any) -> None:  # noqa: ANN401
    """Make a workspace NAME, wait until its agent is ready, and check it.

    Parameters are checked before anything is made. The checks are those of `status`. Ctrl-C cancels
    the build, and says what is left.

    \b
    Examples:
      provisioner coder create my-workspace --template docker-codex
      provisioner coder create my-workspace --template docker-codex --preset Large
      provisioner coder create my-workspace --template docker-codex \\
        --parameter codex_model=gpt-5.5 --spec provisioner.toml

    Exit codes: 0 it runs and no check failed; 1 Terraform or a check failed; 2 not made; 130
    interrupted.
    """
    from provisioner.coder_steps.workspace import create as make

    _run(ctx, name, "start", given, lambda *known: (make(*known), True))


@click.command("start")
@_with(_NAME, _PARAMETER, _SPEC, _WAIT, deployment_options, format_option, _VERBOSE)
@click.option("--update", is_flag=True, help="Go to the active version of the template.")
@click.pass_context
def start(ctx: click.Context, /, name: str, **given: Any) -> None:  # noqa: ANN401
    """Start the workspace NAME, wait until its agent is ready, and check it.

    \b
    Examples:
      provisioner coder start my-workspace
      provisioner coder start my-workspace --update --parameter codex_model=gpt-5.6-sol

    Exit codes: 0 it runs and no check failed; 1 Terraform or a check failed; 2 not started; 130
    interrupted.
    """
    from provisioner.coder_steps.workspace import build

    _run(ctx, name, "start", given, build)


@click.command("stop")
@_with(_NAME, deployment_options, format_option, _VERBOSE)
@click.pass_context
def stop(ctx: click.Context, /, name: str, **given: Any) -> None:  # noqa: ANN401
    """Stop the workspace NAME.

    \b
    Example:
      provisioner coder stop my-workspace

    Exit codes: 0 it is stopped; 1 Terraform failed; 2 not stopped; 130 interrupted.
    """
    from provisioner.coder_steps.workspace import build

    _run(ctx, name, "stop", given, build)


@click.command("status")
@_with(_NAME, _SPEC, deployment_options, format_option)
@click.pass_context
def status(ctx: click.Context, /, name: str, **given: Any) -> None:  # noqa: ANN401
    """Say how the workspace NAME (or OWNER/NAME) is, and whether Codex is set up in it as planned.

    Looked at is what Coder's API tells: build, template version, agents and, with a spec, the
    files of the template that decide Codex, parameters, variables of the agent and the app. Values
    of variables are not shown. Inside of the workspace, `provisioner doctor` looks further.

    \b
    Examples:
      provisioner coder status my-workspace
      provisioner coder status my-workspace --spec provisioner.toml --format json

    Exit codes: 0 no check failed, 1 a check failed, 2 no verdict.
    """
    from provisioner.coder_steps.workspace import find_workspace

    with reported_findings(ctx, given["output_format"]):
        plan = _plan(given["spec"])
    with connect(given) as client:
        workspace = find_workspace(client, name)
        checks = _checks(client, workspace, plan)
    _tell(ctx, workspace, checks, given["output_format"])


_Step = Callable[..., tuple["Workspace", bool]]


def _run(
    ctx: click.Context, name: str, transition: str, given: Mapping[str, Any], step: _Step
) -> None:
    """Carry out `step`, wait for the agents where it started something, and check the result."""
    from provisioner.cli.write_report import write_report
    from provisioner.coder_steps.agents import wait_for_agents
    from provisioner.coder_steps.left_behind import LeftWorkspace
    from provisioner.coder_steps.workspace import BuildWish
    from provisioner.errors import FindingsError, ProvisionerError

    wish = BuildWish(
        name,
        transition,
        named_values(given.get("parameter", ()), "--parameter"),
        template=given.get("template", ""),
        organization=given.get("organization", ""),
        preset=given.get("preset", ""),
        updates=given.get("update", False),
    )
    left = LeftWorkspace(name, transition)
    with reported_findings(ctx, given["output_format"]):
        plan = _plan(given["spec"]) if transition == "start" else None
    with session(given) as (client, watch):
        try:
            workspace, was_needed = step(client, wish, left, watch)
            if transition == "start":
                workspace = wait_for_agents(client, workspace, given["wait"], watch)
        except FindingsError as error:
            _say_left(left.lines)
            write_report(error.result, given["output_format"], None, data=_left_data(left))
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, ProvisionerError):
            _say_left(left.lines)
            raise
        if not was_needed:
            watch.say(f"nothing to do: the workspace is {workspace.latest_build.status}")
        checks = _checks(client, workspace, plan) if transition == "start" else []
    _tell(ctx, workspace, checks, given["output_format"])


def _say_left(lines: list[str]) -> None:
    for line in lines:
        click.echo(f"left: {line}", err=True)


def _left_data(left: LeftWorkspace) -> dict[str, object]:
    return {
        "workspace": {
            "name": left.workspace,
            "build": left.build or None,
            "transition": left.transition,
            "status": left.state or None,
        }
    }


def _plan(spec: Path | None) -> Plan | None:
    """Return what the spec says, if there is one, before anything is asked for.

    Raises `FindingsError` for a wrong spec and `InputError` for one that cannot be read.
    """
    path = spec or (Path(DEFAULT_SPEC) if Path(DEFAULT_SPEC).exists() else None)
    if path is None:
        return None
    from provisioner.plan.resolve import resolve
    from provisioner.spec.load import load

    return resolve(load(path))


def _checks(client: CoderClient, workspace: Workspace, plan: Plan | None) -> list[Check]:
    from provisioner.coder_steps.workspace_checks import codex_checks, workspace_checks

    checks = [*workspace_checks(workspace)]
    if plan is not None:
        from provisioner.render.template import render

        checks += codex_checks(client, workspace, plan, render(plan))
    return checks


def _tell(
    ctx: click.Context, workspace: Workspace, checks: list[Check], output_format: str
) -> None:
    from provisioner.cli.check_report import check_lines, checks_data, has_failed
    from provisioner.report.display import one_line

    build = workspace.latest_build
    if output_format == "json":
        data = {
            "version": 1,
            "workspace": {
                "id": workspace.id,
                "name": workspace.name,
                "owner": workspace.owner_name,
                "template": workspace.template_name,
                "template_version": build.template_version_name,
                "is_outdated": workspace.outdated,
                "build": build.build_number,
                "transition": build.transition,
                "status": build.status,
            },
            **checks_data(checks),
        }
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    elif checks:
        click.echo("\n".join(check_lines(checks)))
    else:
        click.echo(one_line(f"workspace {workspace.name}: {build.status}"))
    ctx.exit(1 if has_failed(checks) else 0)
