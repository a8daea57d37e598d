"""`provisioner init`: a commented starter spec."""

from __future__ import annotations

from pathlib import Path

import click

from provisioner.cli.choices import FLOW_NAMES, KIND_NAMES
from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import OutputError

__all__ = ["command"]


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
@click.option(
    "--template",
    default="docker",
    show_default=True,
    help="aws-linux, azure-linux, docker, gcp-linux, kubernetes or scratch.",
)
@click.option(
    "--flow",
    type=click.Choice(FLOW_NAMES),
    default="centralized",
    show_default=True,
    help="How a credential reaches the model.",
)
@click.option("--gateway-kind", type=click.Choice(KIND_NAMES), default="coder", show_default=True)
def command(folder: Path, template: str, flow: str, gateway_kind: str) -> None:
    """Write a commented provisioner.toml into DIR; an existing one is left alone.

    \b
    Example:
      provisioner init --flow chatgpt
    """
    from provisioner.assets import template_source
    from provisioner.spec.load import check_spec
    from provisioner.spec.starter import starter_spec

    template_source(template)
    path = folder / DEFAULT_SPEC
    text = starter_spec(flow=flow, template=template, gateway_kind=gateway_kind)
    _, findings = check_spec(text, str(path))
    if findings:
        raise click.UsageError(f"{findings[0].message}; {findings[0].help}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise OutputError(f"{path} exists already; it was left as it is") from error
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    click.echo(f"wrote {path}")
    click.echo(f"next: provisioner render {path} -o template")
