"""`provisioner render`: a spec becomes a template folder."""

from __future__ import annotations

from pathlib import Path

import click

from provisioner.cli.spec_argument import spec_argument

__all__ = ["command"]


@click.command("render")
@spec_argument
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Template folder to write.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when DIR is not up to date.")
@click.option("--force", is_flag=True, help="Overwrite files that were changed by hand.")
@click.pass_context
def command(ctx: click.Context, spec: Path, folder: Path, *, check: bool, force: bool) -> None:
    """Render SPEC into a Coder workspace template.

    All files are written or none. Your own files in DIR stay; a rendered file that you changed is
    not overwritten without --force.

    \b
    Examples:
      provisioner render examples/chatgpt.toml -o template
      provisioner render -o template --check
    """
    from provisioner.plan.resolve import resolve
    from provisioner.render.template import render
    from provisioner.render.write import differences, write_folder
    from provisioner.spec.load import load

    files = render(resolve(load(spec)))
    if check:
        stale = differences(folder, files)
        for name in stale:
            click.echo(f"{folder / name}: missing, or not as {spec} renders it")
        if stale:
            click.echo(f"run: provisioner render {spec} -o {folder}")
        ctx.exit(1 if stale else 0)
    changed = write_folder(folder, files, force=force)
    for name in changed:
        click.echo(f"wrote {folder / name}" if name in files else f"removed {folder / name}")
    if not changed:
        click.echo(f"{folder} is up to date")
