"""`provisioner catalog`: the models there are, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.access_files import (
    CATALOG,
    MODES,
    access_option,
    beside,
    catalog_for,
    own_entries,
)
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.access.catalog import CatalogEntry

__all__ = ["command"]

_FORMAT = click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
_CENTS = click.FloatRange(min=0)


@click.group("catalog")
def command() -> None:
    """The models there are: efforts, context window, price, and the auth modes they come in.

    \b
    Examples:
      provisioner catalog list
      provisioner catalog show codex/gpt-5.6-sol --format json | jq .pricing
    """


@command.command("list")
@access_option
@click.option("--provider", metavar="P", help="Only models of this provider.")
@click.option("--all", "everything", is_flag=True, help="Hidden and deprecated ones too.")
@_FORMAT
def list_(*, access_file: Path | None, provider: str | None, everything: bool, output: str) -> None:
    """List the models: those that Codex knows, and those of the catalog file.

    \b
    Example:
      provisioner catalog list --format json
    """
    from provisioner.access.shown import entry_data

    found = [
        entry
        for entry in catalog_for(access_file).entries.values()
        if provider in {None, entry.provider}
        and (everything or not (entry.hidden or entry.deprecated))
    ]
    if output == "json":
        click.echo(json.dumps([entry_data(entry) for entry in found], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_table(found)))


@command.command("show")
@click.argument("name", metavar="ID")
@access_option
@_FORMAT
def _show(*, name: str, access_file: Path | None, output: str) -> None:
    """Show one model, by its id (PROVIDER/MODEL) or its model id alone.

    \b
    Example:
      provisioner catalog show codex/gpt-5.6-sol --format json | jq .pricing
    """
    from provisioner.access.shown import entry_data

    entry = catalog_for(access_file).find(name)
    if entry is None:
        raise InputError(
            f'model not in catalog: "{name}"; `provisioner catalog list --all` has all'
        )
    data = entry_data(entry)
    if output == "json":
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    for key, value in data.items():
        click.echo(f"{key:20} {_plain(value)}")


@command.command("create")
@access_option
@click.option("--provider", default="codex", show_default=True, help="Provider of the model.")
@click.option("--model-id", required=True, metavar="ID", help="As the gateway calls it.")
@click.option("--display-name", metavar="TEXT", help="What people read.")
@click.option("--description", metavar="TEXT", help="What it is for.")
@click.option("--company", default="openai", show_default=True, help="Who makes it.")
@click.option("--effort", "efforts", multiple=True, metavar="E", help="Effort; may be repeated.")
@click.option(
    "--auth-mode", "auth_modes", type=click.Choice(MODES), multiple=True, help="May be repeated."
)
@click.option("--context-window", type=click.IntRange(min=1), help="Tokens of a conversation.")
@click.option("--tag", "tags", multiple=True, metavar="WORD", help="May be repeated.")
@click.option("--input-cents", type=_CENTS, help="US cents for a million tokens read.")
@click.option("--cached-input-cents", type=_CENTS, help="Those read from the cache.")
@click.option("--output-cents", type=_CENTS, help="Those written.")
@click.option(
    "--replace-built-in", is_flag=True, help="Let it take the place of a model that Codex knows."
)
def create(
    *,
    access_file: Path | None,
    replace_built_in: bool,
    efforts: Sequence[str],
    **options: Any,  # noqa: ANN401 - click hands over what each option holds
) -> None:
    """Add a model to the catalog file, catalog.toml beside the access file.

    An entry never changes: a second one with the same provider and model id is refused.

    \b
    Example:
      provisioner catalog create --model-id gpt-5.5-eu --effort low --effort high \\
        --input-cents 150 --output-cents 1200
    """
    from provisioner.access.catalog import built_in_entries
    from provisioner.access.read import read_catalog
    from provisioner.cli.append_table import append_table

    path = beside(access_file, CATALOG)
    name = f"{options['provider']}/{options['model_id']}"
    if name in {entry.id for entry in own_entries(path)}:
        raise InputError(
            f'"{name}" is in {path} already; entries are immutable: use a new model id'
        )
    if not replace_built_in and name in {entry.id for entry in built_in_entries()}:
        raise InputError(
            f'"{name}" is in the catalog already, and entries are immutable; '
            "--replace-built-in puts yours in its place"
        )
    row = {
        **{key: options[key] for key in ("provider", "model_id", "display_name", "description")},
        "company": options["company"],
        "efforts": [_inline({"value": value}) for value in efforts],
        "auth_modes": list(options["auth_modes"]),
        "context_window": options["context_window"],
        "capability_tags": list(options["tags"]),
        "pricing": _pricing(options),
    }
    append_table(path, "model", row, read_catalog)
    click.echo(f'added "{name}" to {path}; entries are immutable: this one stays as it is')


def _pricing(options: dict[str, Any]) -> Any:  # noqa: ANN401 - a table of tomlkit's, or nothing
    given = {
        f"{kind}_per_mtoken_cents": options[f"{kind}_cents"]
        for kind in ("input", "cached_input", "output")
        if options[f"{kind}_cents"] is not None
    }
    if given and (options["input_cents"] is None or options["output_cents"] is None):
        raise click.UsageError("a price needs both --input-cents and --output-cents")
    return _inline(given) if given else None


def _inline(content: dict[str, Any]) -> Any:  # noqa: ANN401 - a table of tomlkit's
    import tomlkit

    table = tomlkit.inline_table()
    table.update(content)
    return table


def _table(entries: list[CatalogEntry]) -> list[str]:
    from provisioner.access.shown import entry_data

    rows: list[tuple[str, ...]] = [("id", "context window", "input", "output", "efforts")]
    for entry in entries:
        pricing = entry_data(entry)["pricing"] or {}
        cents = [pricing.get(f"{kind}PerMTokenCents", "") for kind in ("input", "output")]
        window = str(entry.context_window or "")
        rows.append((entry.id, window, *map(str, cents), " ".join(e.value for e in entry.efforts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(v["value"] if isinstance(v, dict) else v) for v in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return "none" if value in {None, ""} else str(value)
