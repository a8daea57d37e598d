"""`provisioner codex`: the configuration of Codex itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from provisioner.cli.codex_apply import apply_command, undo_command
from provisioner.cli.codex_check import check_command
from provisioner.cli.codex_options import chosen_plan, setup_facts, setup_options
from provisioner.errors import InputError, OutputError
from provisioner.private_folder import make_private_folder

__all__ = ["command"]


@click.group("codex")
def command() -> None:
    """Configuration of the Codex CLI itself, outside a workspace.

    \b
    Examples:
      provisioner codex check
      provisioner codex apply --flow byok --gateway-url https://coder.example.com
      provisioner codex undo
    """


@command.command("config")
@setup_options
@click.option("--format", "output", type=click.Choice(["toml", "json"]), default="toml")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the files into DIR instead; those that are there must not differ.",
)
def config(
    spec: Path | None, *, output: str, output_dir: Path | None, **options: str | None
) -> None:
    """Print the config.toml, the environment and the login a Codex needs.

    Everything but the config.toml itself is printed as comments, so that the output can be used as
    config.toml. Profiles are files of their own for Codex 0.134 and newer: --output-dir writes all.

    Options win over SPEC. Without SPEC, ./provisioner.toml is read if there is one. Outside a
    workspace the gateway token comes from `coder tokens create`.

    \b
    Examples:
      provisioner codex config --flow byok --gateway-url https://coder.example.com
      provisioner codex config examples/chatgpt.toml --gateway-url https://coder.example.com
      provisioner codex config examples/auto-ai-router.toml --output-dir codex-home
    """
    from provisioner.render.codex_setup import codex_setup

    setup = codex_setup(chosen_plan(spec, options))
    if output_dir:
        for path in _write(output_dir, setup.files):
            click.echo(f"wrote {path}", err=output == "json")
    if output == "json":
        facts = {"version": 1, "files": setup.files, **setup_facts(setup)}
        click.echo(json.dumps(facts, indent=2))
    elif not output_dir:
        click.echo(setup.as_toml(), nl=False)


def _write(folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
    from provisioner.cli.output_file import write_file

    try:
        make_private_folder(folder)
        for name, text in files.items():
            path = folder / name
            if path.exists() and path.read_bytes() != text.encode():
                raise InputError(
                    f"{path} is there and differs; move it away, or merge with `codex apply`"
                )
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    for name, text in files.items():
        write_file(folder / name, text)
        yield folder / name


command.add_command(apply_command)
command.add_command(undo_command)
command.add_command(check_command)
