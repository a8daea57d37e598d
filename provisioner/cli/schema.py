"""`provisioner schema`: JSON Schema of the files that users write."""

from __future__ import annotations

import json
from importlib import import_module

import click

__all__ = ["command"]

_MODELS = {
    "spec": ("provisioner.spec.models", "Spec"),
    "access": ("provisioner.access.tables", "AccessTables"),
    "catalog": ("provisioner.access.catalog_tables", "CatalogTables"),
    "profile": ("provisioner.access.profile_tables", "ProfileTables"),
    "usage": ("provisioner.access.tables", "UsageTables"),
}


@click.command("schema")
@click.argument("name", type=click.Choice([*_MODELS]), default="spec")
def command(name: str) -> None:
    """Print the JSON Schema of a file, for editors and CI.

    \b
    Examples:
      provisioner schema spec > provisioner.schema.json
      provisioner schema access > access.schema.json
    """
    module, model = _MODELS[name]
    schema = getattr(import_module(module), model).model_json_schema()
    click.echo(json.dumps(schema, indent=2))
