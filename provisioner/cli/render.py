"""`provisioner render`: specs become template folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.spec_argument import DEFAULT_SPEC

if TYPE_CHECKING:
    from provisioner.cli.render_spec import Rendered, RenderJob

__all__ = ["command"]


@click.command("render")
@click.argument("specs", nargs=-1, type=click.Path(path_type=Path), metavar="[SPEC]...")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Template folder to write; for several specs, the folder for theirs.",
)
@click.option("--each", is_flag=True, help="Write DIR/NAME for a single NAME.toml too.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when DIR is not up to date.")
@click.option("--diff", is_flag=True, help="Like --check, and show what would change.")
@click.option(
    "--verify", is_flag=True, help="Read the result with another parser before it is written."
)
@click.option("--force", is_flag=True, help="Overwrite files that were changed by hand.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to say what was done.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    specs: tuple[Path, ...],
    folder: Path,
    each: bool,
    jobs: int | None,
    format_name: str,
    **how: bool,
) -> None:
    """Render each SPEC into a Coder workspace template.

    A template folder gets all its files or none. Your own files in it stay; a rendered file that
    you changed is not overwritten without --force. Of several specs, NAME.toml goes to DIR/NAME,
    and x/provisioner.toml to DIR/x; those that are wrong keep no other from being rendered.

    \b
    Examples:
      provisioner render examples/chatgpt.toml -o template
      provisioner render -o template --check
      provisioner render -o template --diff
      provisioner render specs/*.toml -o templates --verify

    Exit codes: 0 done, or up to date; 1 a wrong spec, or not up to date; 2 could not be written.
    """
    from provisioner.cli.render_many import render_all
    from provisioner.cli.render_spec import RenderJob, render_spec

    paths = specs or (Path(DEFAULT_SPEC),)
    is_single = len(paths) == 1 and not each
    targets = [folder] if is_single else _targets(paths, folder)
    todo = [
        RenderJob(
            spec=spec,
            folder=target,
            force=how["force"],
            verify=how["verify"],
            writes=not (how["check"] or how["diff"]),
            diff=how["diff"],
        )
        for spec, target in zip(paths, targets, strict=True)
    ]
    in_full = is_single and format_name == "text"
    done = [render_spec(todo[0])] if in_full else render_all(todo, jobs)
    if format_name == "json":
        click.echo(json.dumps([_as_json(item) for item in done], indent=2, ensure_ascii=False))
    else:
        for item, job in zip(done, todo, strict=True):
            _tell(item, job, in_full=is_single)
        if not is_single:
            refused = sum(item.error is not None for item in done)
            click.echo(f"{len(done):,} specs" + (f", {refused:,} refused" if refused else ""))
    ctx.exit(max(_code(item) for item in done))


def _targets(specs: Sequence[Path], folder: Path) -> list[Path]:
    """Return a folder for each spec; raises `UsageError` where two would share one."""
    names = [
        spec.resolve().parent.name if spec.name == DEFAULT_SPEC else spec.stem for spec in specs
    ]
    taken: dict[str, Path] = {}
    for name, spec in zip(names, specs, strict=True):
        if taken.setdefault(name, spec) is not spec:
            raise click.UsageError(f"{taken[name]} and {spec} both go to {folder / name}")
    return [folder / name for name in names]


def _tell(done: Rendered, job: RenderJob, *, in_full: bool) -> None:
    if done.error is not None:
        _tell_error(done)
    elif done.diff:
        click.echo(done.diff, nl=False)
    elif not job.writes:
        for name in done.stale:
            click.echo(f"{done.folder / name}: missing, or not as {done.spec} renders it")
        if done.stale:
            click.echo(f"run: provisioner render {done.spec} -o {done.folder}")
    elif not in_full:
        count = len(done.written) + len(done.removed)
        changes = f"{count} file{'' if count == 1 else 's'} changed" if count else "is up to date"
        click.echo(f"{done.folder}: {changes}")
    else:
        for name in done.written:
            click.echo(f"wrote {done.folder / name}")
        for name in done.removed:
            click.echo(f"removed {done.folder / name}")
        if not (done.written or done.removed):
            click.echo(f"{done.folder} is up to date")


def _tell_error(done: Rendered) -> None:
    from provisioner.cli.write_report import write_report
    from provisioner.errors import FindingsError

    if isinstance(done.error, FindingsError):
        write_report(done.error.result, "text", None)
    else:
        click.echo(f"error: {done.spec}: {done.error}", err=True)


def _as_json(done: Rendered) -> dict[str, object]:
    from provisioner.errors import FindingsError

    found = done.error.result.findings if isinstance(done.error, FindingsError) else ()
    messages = [f"{item.code} {item.message}" for item in found]
    return {
        "spec": str(done.spec),
        "folder": str(done.folder),
        "written": done.written,
        "removed": done.removed,
        "stale": done.stale,
        "diff": done.diff or None,
        "error": "; ".join(messages) or (str(done.error) if done.error else None),
    }


def _code(done: Rendered) -> int:
    if done.error is not None:
        return done.error.exit_code
    return 1 if done.stale else 0
