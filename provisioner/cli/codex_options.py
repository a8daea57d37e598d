"""The options that say which setup a `provisioner codex` command is about, and the plan for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.choices import CREDENTIAL_NAMES, FLOW_NAMES, KIND_NAMES
from provisioner.cli.merged_spec import merged_spec

if TYPE_CHECKING:
    from provisioner.plan.model import Plan
    from provisioner.render.codex_setup import CodexSetup

__all__ = ["chosen_plan", "setup_facts", "setup_options"]

_PARAMETERS = (
    click.argument("spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]"),
    click.option("--gateway-kind", type=click.Choice(KIND_NAMES), help="What Codex talks to."),
    click.option("--gateway-url", metavar="URL", help="URL of the deployment."),
    click.option(
        "--flow", type=click.Choice(FLOW_NAMES), help="How a credential reaches the model."
    ),
    click.option(
        "--credential", type=click.Choice(CREDENTIAL_NAMES), help="How the bearer reaches Codex."
    ),
    click.option("--model", help="Model that Codex uses."),
    click.option("--codex-version", metavar="VERSION", help="Codex version the config is for."),
)


def setup_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `spec`, and the options that `chosen_plan` lays over it."""
    for add in reversed(_PARAMETERS):
        function = add(function)
    return function


def chosen_plan(spec: Path | None, options: Mapping[str, str | None]) -> Plan:
    """Return the plan of the spec, if any, with the options of `setup_options` laid over it."""
    from provisioner.plan.resolve import resolve

    wanted = {
        "flow": options["flow"],
        "credential": options["credential"],
        "gateway": {"kind": options["gateway_kind"], "url": options["gateway_url"]},
        "codex": {"model": options["model"]},
        "target": {"codex": options["codex_version"]},
    }
    plan = resolve(merged_spec(spec, wanted))
    if not plan.gateway_url:
        raise click.UsageError(
            "the gateway's URL is unknown: give --gateway-url, or gateway.url in SPEC"
        )
    return plan


def setup_facts(setup: CodexSetup) -> dict[str, Any]:
    """Return what a setup needs besides its files, for JSON."""
    environment = [
        {"name": variable.name, "source": variable.source.value, "help": variable.help}
        for variable in setup.environment
    ]
    return {
        "credential": setup.credential.name,
        "environment": environment,
        "unset": setup.unset,
        "login": setup.login,
    }
