"""`provisioner validate`: findings over template folders, `.tf` files and Codex configs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.finding_options import finding_options

if TYPE_CHECKING:
    from provisioner.finding import CheckResult

__all__ = ["command"]


@click.command("validate")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@finding_options
@click.option(
    "--codex-version",
    metavar="VERSION",
    help="Codex that reads the configs, unless a template says which it installs."
    "  [default: the newest known]",
)
@click.option("--fix", is_flag=True, help="Make the fixes that change nothing else.")
@click.option("--unsafe", is_flag=True, help="With --fix or --diff: make the others too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    *,
    paths: tuple[Path, ...],
    format_name: str,
    output_file: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    codex_version: str | None,
    fix: bool,
    unsafe: bool,
    diff: bool,
) -> None:
    """Check template folders, .tf files and Codex config files.

    A folder is checked with every folder below it that holds .tf files. A finding is left out when
    a comment on its line, or alone on the line above, says so:

    \b
      # provisioner: ignore[PRV101] the reason

    \b
    Examples:
      provisioner validate template
      provisioner validate template --select PRV1 --select PRV503
      provisioner validate ~/.codex/config.toml --format json
      provisioner validate config.toml --codex-version 0.134.0
      provisioner validate . --ignore unpinned-module --fail-on error
      provisioner validate . --format sarif -o provisioner.sarif
      provisioner validate template --diff --unsafe

    Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 no verdict.
    """
    from provisioner.cli.write_report import write_report
    from provisioner.finding import Severity
    from provisioner.validate.run import validate

    def check(overlay: Mapping[str, bytes]) -> CheckResult:
        return validate(
            paths, codex_version=codex_version, select=select, ignore=ignore, overlay=overlay
        )

    if unsafe and not (fix or diff):
        raise click.UsageError("--unsafe is for --fix and --diff")
    if fix or diff:
        from provisioner.cli.fix_files import diff_of, fix_until_stable, write_fixed

        fixed = fix_until_stable(check, unsafe=unsafe)
        if diff:
            click.echo(diff_of(fixed), nl=False)
            ctx.exit(1 if fixed.after else 0)
        write_fixed(fixed)
        result = fixed.result
    else:
        result = check({})
    write_report(result, format_name, output_file)
    if result.fails(Severity(fail_on)):
        ctx.exit(1)
