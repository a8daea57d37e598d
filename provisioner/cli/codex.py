"""`provisioner codex`: the configuration of Codex itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.spec_argument import DEFAULT_SPEC

if TYPE_CHECKING:
    from provisioner.render.codex_setup import CodexSetup
    from provisioner.spec.models import Spec

__all__ = ["command"]


@click.group("codex")
def command() -> None:
    """Configuration of the Codex CLI itself, outside a workspace."""


@command.command("config")
@click.argument("spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]")
@click.option("--gateway-kind", type=click.Choice(["coder"]), help="What Codex talks to.")
@click.option("--gateway-url", metavar="URL", help="URL of the deployment.")
@click.option(
    "--flow",
    type=click.Choice(["centralized", "byok", "chatgpt"]),
    help="How a credential reaches the model.",
)
@click.option("--model", help="Model that Codex uses.")
@click.option("--codex-version", metavar="VERSION", help="Codex version the config is for.")
@click.option("--format", "output", type=click.Choice(["toml", "json"]), default="toml")
def config(
    spec: Path | None,
    *,
    gateway_kind: str | None,
    gateway_url: str | None,
    flow: str | None,
    model: str | None,
    codex_version: str | None,
    output: str,
) -> None:
    """Print the config.toml, the environment and the login a Codex needs.

    Options win over SPEC. Without SPEC, ./provisioner.toml is read if there is one, unless --flow
    says all. Outside a workspace the gateway token comes from `coder tokens create`.

    \b
    Examples:
      provisioner codex config --flow byok --gateway-url https://coder.example.com
      provisioner codex config examples/chatgpt.toml --gateway-url https://coder.example.com
    """
    from provisioner.plan.resolve import resolve
    from provisioner.render.codex_setup import codex_setup

    given = _without_none(
        flow=flow,
        gateway=_without_none(kind=gateway_kind, url=gateway_url),
        codex=_without_none(model=model),
        target=_without_none(codex=codex_version),
    )
    merged = _merged(spec, given)
    if merged.gateway.url is None:
        raise click.UsageError(
            "the gateway's URL is unknown: give --gateway-url, or gateway.url in SPEC"
        )
    setup = codex_setup(resolve(merged))
    click.echo(_json(setup) if output == "json" else setup.as_toml(), nl=output == "json")


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


def _json(setup: CodexSetup) -> str:
    environment = [
        {"name": variable.name, "source": variable.source.value, "help": variable.help}
        for variable in setup.environment
    ]
    return json.dumps(
        {
            "version": 1,
            "files": setup.files,
            "environment": environment,
            "unset": setup.unset,
            "login": setup.login,
        },
        indent=2,
    )
