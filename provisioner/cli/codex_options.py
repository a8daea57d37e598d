"""The options that say which setup a `provisioner codex` command is about, and the plan for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.choices import FLOW_NAMES, KIND_NAMES
from provisioner.cli.spec_argument import DEFAULT_SPEC

if TYPE_CHECKING:
    from provisioner.plan.model import Plan
    from provisioner.render.codex_setup import CodexSetup
    from provisioner.spec.models import Spec

__all__ = ["chosen_plan", "setup_facts", "setup_options"]

_PARAMETERS = (
    click.argument("spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]"),
    click.option("--gateway-kind", type=click.Choice(KIND_NAMES), help="What Codex talks to."),
    click.option("--gateway-url", metavar="URL", help="URL of the deployment."),
    click.option(
        "--flow", type=click.Choice(FLOW_NAMES), help="How a credential reaches the model."
    ),
    click.option("--model", help="Model that Codex uses."),
    click.option("--codex-version", metavar="VERSION", help="Codex version the config is for."),
)


def setup_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `spec`, `gateway_kind`, `gateway_url`, `flow`, `model` and `codex_version`."""
    for add in reversed(_PARAMETERS):
        function = add(function)
    return function


def chosen_plan(spec: Path | None, options: Mapping[str, str | None]) -> Plan:
    """Return the plan of the spec, if any, with the options of `setup_options` laid over it."""
    from provisioner.plan.resolve import resolve

    given = _without_none(
        flow=options["flow"],
        gateway=_without_none(kind=options["gateway_kind"], url=options["gateway_url"]),
        codex=_without_none(model=options["model"]),
        target=_without_none(codex=options["codex_version"]),
    )
    plan = resolve(_merged(spec, given))
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
    return {"environment": environment, "unset": setup.unset, "login": setup.login}


def _without_none(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - option values
    return {key: value for key, value in values.items() if value not in (None, {})}


def _merged(path: Path | None, given: dict[str, Any]) -> Spec:
    """Read the spec, if any, with the options laid over it, and check the whole."""
    import tomlkit

    from provisioner.spec.load import parse_spec, read_text

    if path is None and "flow" not in given and Path(DEFAULT_SPEC).exists():
        path = Path(DEFAULT_SPEC)
    if path is None and "flow" not in given:
        raise click.UsageError("say which flow: give SPEC or --flow")
    if not path:
        return parse_spec(tomlkit.dumps(given), "the options")
    text = read_text(path)
    spec = parse_spec(text, str(path))
    if not given:
        return spec
    document = tomlkit.parse(text)
    for key, value in given.items():
        if isinstance(value, dict):
            document.setdefault(key, {}).update(value)
        else:
            document[key] = value
    return parse_spec(tomlkit.dumps(document), f"{path} with the options")
