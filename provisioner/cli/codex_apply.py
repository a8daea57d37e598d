"""`provisioner codex apply` and `undo`: the configuration in a Codex home, and back."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.codex_options import chosen_plan, setup_facts, setup_options

if TYPE_CHECKING:
    from provisioner.codex_home.model import Applied, Change
    from provisioner.render.codex_setup import CodexSetup

__all__ = ["apply_command", "undo_command"]


def _home_options(function: Callable[..., Any]) -> Callable[..., Any]:
    function = click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text"
    )(function)
    return click.option(
        "--codex-home",
        type=click.Path(path_type=Path),
        metavar="DIR",
        envvar="CODEX_HOME",
        default=lambda: Path.home() / ".codex",
        show_default="$CODEX_HOME, or ~/.codex",
        help="Folder that Codex reads its config from.",
    )(function)


@click.command("apply")
@setup_options
@_home_options
@click.option("--dry-run", is_flag=True, help="Show the changes as a diff and touch nothing.")
@click.option("--force", is_flag=True, help="Replace settings that are not ours; undo has them.")
def apply_command(
    spec: Path | None,
    *,
    codex_home: Path,
    dry_run: bool,
    force: bool,
    output: str,
    **options: str | None,
) -> None:
    """Merge the config that `codex config` prints into a Codex home.

    Comments, order and all other settings stay. What was there is backed up, and
    `provisioner codex undo` brings it back. A setting that is not ours and is in the way is
    reported, and nothing is changed (exit code 1), unless --force is given. So is a selected
    profile that would win over these settings, or keep Codex from starting. Applying twice changes
    nothing.

    With --format json a refusal is an object too, with the list `conflicts`.

    \b
    Examples:
      provisioner codex apply --flow byok --gateway-url https://coder.example.com
      provisioner codex apply examples/chatgpt.toml --codex-home ~/other --dry-run
    """
    from provisioner.codex_home.apply import apply_files
    from provisioner.render.codex_setup import codex_setup

    plan = chosen_plan(spec, options)
    setup = codex_setup(plan)
    with _refusal_as_json(codex_home, output):
        applied = apply_files(
            codex_home,
            setup.files,
            dry_run=dry_run,
            force=force,
            profiles_are_files=plan.codex.profiles_are_files,
        )
    if output == "json":
        facts = {
            "version": 1,
            "codex_home": str(codex_home),
            "dry_run": dry_run,
            **dataclasses.asdict(applied),
            **setup_facts(setup),
        }
        click.echo(json.dumps(facts, indent=2))
    elif dry_run and applied.files:
        click.echo(applied.diff, nl=False)
    else:
        for line in _report(codex_home, applied, setup):
            click.echo(line)


@click.command("undo")
@_home_options
def undo_command(*, codex_home: Path, output: str) -> None:
    """Bring a Codex home back to what it was before the first `codex apply`.

    Files and modes are restored exactly, and what apply made is removed. In a file that was edited
    since, each key gets back what it had; other edits, and keys that were changed since, stay, and
    that is said. When a file was removed since, nothing is changed (exit code 1). With nothing to
    undo, that is said (exit code 0).

    \b
    Example:
      provisioner codex undo
    """
    from provisioner.codex_home.undo import undo

    with _refusal_as_json(codex_home, output):
        undone = undo(codex_home)
    if output == "json":
        facts = {"version": 1, "codex_home": str(codex_home), **dataclasses.asdict(undone)}
        click.echo(json.dumps(facts, indent=2))
        return
    for name in undone.completed:
        click.echo(f"completed what was interrupted in {codex_home / name}")
    for name in undone.restored:
        click.echo(f"restored {codex_home / name}")
    for name in undone.removed:
        click.echo(f"removed {codex_home / name}")
    for name in undone.by_key:
        click.echo(f"restored our keys in {codex_home / name}: it was edited since, which stays")
    for key in undone.kept:
        click.echo(f"kept what was changed since: {key}")
    if not any((undone.completed, undone.restored, undone.removed, undone.by_key)):
        click.echo(f"nothing to undo in {codex_home}")


@contextlib.contextmanager
def _refusal_as_json(home: Path, output: str) -> Iterator[None]:
    """Print a refusal on standard output too when JSON is wanted; the exit code is the same."""
    from provisioner.codex_home.model import RefusedError

    try:
        yield
    except RefusedError as error:
        if output == "json":
            conflicts = [
                {
                    "file": name,
                    "line": conflict.position.line,
                    "column": conflict.position.column,
                    "message": conflict.message,
                    "can_be_forced": conflict.can_be_forced,
                }
                for name, found in error.conflicts.items()
                for conflict in found
            ]
            facts = {"version": 1, "codex_home": str(home), "error": str(error)}
            click.echo(json.dumps({**facts, "conflicts": conflicts}, indent=2))
        raise


def _report(home: Path, applied: Applied, setup: CodexSetup) -> Iterator[str]:
    """Yield what changed, then what is still to do by hand."""
    for name in applied.completed:
        yield f"completed what was interrupted in {home / name}"
    if not applied.files:
        yield f"nothing to change in {home}"
    for name in applied.files:
        yield f"changed {home / name}"
        yield from (f"  {_line(change)}" for change in applied.changes if change.file == name)
    for variable in setup.environment:
        yield f"set {variable.name}: {variable.help}"
    if setup.unset:
        yield f"leave {', '.join(setup.unset)} unset: a key there could replace the login"
    if setup.login:
        yield setup.login


def _line(change: Change) -> str:
    if change.kind == "replaced":
        return f"replaced {change.key} = {change.new} (was {change.old})"
    return f"{change.kind} {change.key} = {change.new or change.old}"
