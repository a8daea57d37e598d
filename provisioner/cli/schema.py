"""`provisioner schema`: JSON Schema of the files that users write."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("schema")
@click.argument("name", type=click.Choice(["spec"]), default="spec")
def command(name: str) -> None:  # noqa: ARG001 - one choice so far
    """Print the JSON Schema of the spec, for editors and CI.

    \b
    Example:
      provisioner schema spec > provisioner.schema.json
    """
    from provisioner.spec.models import Spec

    click.echo(json.dumps(Spec.model_json_schema(), indent=2))
