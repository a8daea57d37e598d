"""What `launch` and `doctor` work on: the spec with their options, the Codex, the home."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.choices import CREDENTIAL_NAMES, FLOW_NAMES
from provisioner.cli.merged_spec import merged_spec
from provisioner.cli.spec_argument import DEFAULT_SPEC

if TYPE_CHECKING:
    from provisioner.launch.found_codex import FoundCodex
    from provisioner.launch.prepare import CodexHome
    from provisioner.plan.model import Plan
    from provisioner.spec.models import Spec

__all__ = ["codex_for", "own_home", "plan_for", "private_home", "spec_with", "target_options"]


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `spec`, `codex`, `codex_path`, and the options that `spec_with` lays over the spec."""
    for decorate in reversed(
        (
            click.argument(
                "spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]"
            ),
            click.option("--gateway-url", metavar="URL", help="URL of the deployment."),
            click.option(
                "--flow", type=click.Choice(FLOW_NAMES), help="How a credential reaches the model."
            ),
            click.option(
                "--credential",
                type=click.Choice(CREDENTIAL_NAMES),
                help="How the bearer reaches Codex.",
            ),
            click.option(
                "--codex",
                metavar="VERSION",
                help="Codex of this version, installed from npm into a cache of our own.",
            ),
            click.option(
                "--codex-path",
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="Codex program to run.  [default: `codex` on PATH, or one from the cache]",
            ),
        )
    ):
        function = decorate(function)
    return function


def spec_with(path: Path | None, options: Mapping[str, str | None]) -> Spec:
    """Read the spec, if any, with the options laid over it, and check the whole."""
    wanted = {
        "flow": options["flow"],
        "credential": options["credential"],
        "gateway": {"url": options["gateway_url"]},
    }
    return merged_spec(path, wanted)


def codex_for(spec: Spec, version: str | None, path: Path | None) -> FoundCodex:
    """Return the Codex to run, and say what takes long and what differs from the spec."""
    from provisioner.launch.codex_install import installed_codex
    from provisioner.launch.found_codex import find_codex

    if version and path:
        raise click.UsageError("give --codex or --codex-path, not both")
    if version and installed_codex(version) is None:
        click.echo(f"installing Codex {version} from npm, once (400 MB) ...", err=True)
    return find_codex(version or "", path, preferred=spec.target.codex or "")


def plan_for(spec: Spec, codex: FoundCodex | None) -> Plan:
    """Return the plan for the version of `codex`, or for the spec's own target."""
    from provisioner.plan.resolve import resolve

    if codex is not None:
        target = spec.target.model_copy(update={"codex": str(codex.version)})
        spec = spec.model_copy(update={"target": target})
    plan = resolve(spec)
    if not plan.gateway_url:
        raise click.UsageError(
            "the gateway's URL is unknown: give --gateway-url, or gateway.url in SPEC"
        )
    return plan


def private_home(spec: Path | None, plan: Plan, options: Mapping[str, str | None]) -> CodexHome:
    """Return the private home of this spec, flow and gateway."""
    from provisioner.launch.persistent_home import home_folder
    from provisioner.launch.prepare import CodexHome

    path = spec or Path(DEFAULT_SPEC)
    place = str(path.resolve()) if path.exists() else ""
    label = f"{path.stem if place else 'codex'}-{plan.flow.name}"
    folder = home_folder(label, place, plan.gateway_kind.name, plan.gateway_url, plan.flow.name)
    return CodexHome(folder, is_private=True, launched_by=_launch_again(spec, options))


def own_home(spec: Path | None, options: Mapping[str, str | None]) -> CodexHome:
    """Return the user's own home, with advice that repeats `spec` and `options`."""
    from provisioner.launch.prepare import users_own_home

    again = _launch_again(spec, {**options, "home": "own"})
    return dataclasses.replace(users_own_home(os.environ), launched_by=again)


def _launch_again(spec: Path | None, options: Mapping[str, str | None]) -> str:
    """Write the command of a launch with `spec` and `options`, as a shell reads it."""
    words = ["provisioner", "launch", *([str(spec)] if spec else [])]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", value] if value else []
    return shlex.join(words)
