"""`provisioner validate`: findings over template folders, `.tf` files and Codex configs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.cores import cores
from provisioner.cli.finding_options import finding_options
from provisioner.cli.validate_options import validate_options

if TYPE_CHECKING:
    from provisioner.finding import CheckResult
    from provisioner.validate.files import Disk
    from provisioner.validate.project import Project

__all__ = ["command"]


@click.command("validate")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@finding_options
@validate_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    paths: tuple[Path, ...],
    format_name: str,
    output_file: Path | None,
    fix: bool,
    unsafe: bool,
    diff: bool,
    **given: Any,  # noqa: ANN401 - the other options
) -> None:
    """Check template folders, .tf files, Codex config files and those of Auto AI Router (.yaml).

    A folder is checked with every folder below it that holds .tf files. A finding is left out when
    a comment on its line, or alone on the line above, says so:

    \b
      # provisioner: ignore[PRV101] the reason

    Settings are the table [validate] of the nearest provisioner.toml, or the table
    [tool.provisioner.validate] of a pyproject.toml; options win over them.

    \b
    Examples:
      provisioner validate template
      provisioner validate template --select PRV1 --select PRV503
      provisioner validate config.yaml --format json
      provisioner validate config.toml --codex-version 0.134.0
      provisioner validate . --ignore unpinned-module --fail-on error
      provisioner validate . --format sarif -o provisioner.sarif
      provisioner validate template --diff --unsafe
      provisioner validate . --baseline accepted.json --write-baseline
      provisioner validate template --terraform

    Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 no verdict.
    """
    from provisioner.cli.repeat import keep
    from provisioner.cli.write_report import write_report
    from provisioner.validate.files import Disk

    if unsafe and not (fix or diff):
        raise click.UsageError("--unsafe is for --fix and --diff")
    disk = Disk()
    project = _project(paths[0], given, disk)
    if given["write_baseline"]:
        _write_baseline(project, _checked(paths, project, disk, given), disk)
        return
    if fix or diff:
        result = _with_fixes(ctx, paths, project, unsafe=unsafe, diff=diff)
    else:
        result = _checked(paths, project, disk, given)
    report = project.report(result, disk)
    counts = {"accepted": report.accepted, "stale": report.stale} if project.baseline else {}
    data = {"baseline": counts} if counts else None
    written = write_report(report.result, format_name, output_file, after=report.note, data=data)
    code = 1 if report.result.fails(project.fail_on) else 0
    if ctx.obj and output_file is None and not fix:
        keep(ctx.obj, disk.seen, written, code)
    ctx.exit(code)


def _project(first: Path, given: Mapping[str, Any], disk: Disk) -> Project:
    from provisioner.validate.project import Options, Project
    from provisioner.validate.settings_file import SettingsFile, find_settings, read_settings

    if given["config_file"] and given["no_config"]:
        raise click.UsageError("--config names settings and --no-config wants none; choose one")
    if given["config_file"]:
        file = read_settings(given["config_file"], disk)
    else:
        file = SettingsFile() if given["no_config"] else find_settings(first, disk)
    options = Options(**{name: given[name] for name in Options.__struct_fields__})
    project = Project(options, file)
    project.check_selectors()
    return project


def _checked(
    paths: tuple[Path, ...], project: Project, disk: Disk, given: Mapping[str, Any]
) -> CheckResult:
    from provisioner.cli.progress import progress
    from provisioner.validate.run import validate_units

    with progress("checked", "folders and configs") as show:
        result = validate_units(
            paths,
            project.request,
            disk,
            is_cached=not given["no_cache"],
            jobs=given["jobs"] or cores(),
            progress=show,
            is_excluded=project.is_excluded,
        )
    if given["terraform"] or given["terraform_program"] is not None:
        return _with_terraform(result, project, given["terraform_program"])
    return result


def _with_terraform(result: CheckResult, project: Project, program: str | None) -> CheckResult:
    from provisioner.cli.extra import need_extra
    from provisioner.cli.progress import progress

    need_extra("terraform")
    from provisioner.terraform.added import found_program, with_terraform

    with progress("asked Terraform about", "folders") as show:
        return with_terraform(result, found_program(program), show, project.is_selected)


def _with_fixes(
    ctx: click.Context, paths: tuple[Path, ...], project: Project, *, unsafe: bool, diff: bool
) -> CheckResult:
    """Make the fixes and return what is left; only show them, and end, for a `diff`.

    What the settings or the baseline leave out is not fixed.
    """
    from provisioner.cli.fix_files import diff_of, fix_until_stable, write_fixed
    from provisioner.validate.files import Disk
    from provisioner.validate.run import validate_units

    def check(overlay: Mapping[str, bytes]) -> CheckResult:
        disk = Disk(overlay)
        found = validate_units(paths, project.request, disk, is_excluded=project.is_excluded)
        return project.report(found, disk).result

    fixed = fix_until_stable(check, unsafe=unsafe)
    if diff:
        click.echo(diff_of(fixed), nl=False)
        ctx.exit(1 if fixed.after else 0)
    write_fixed(fixed)
    return fixed.result


def _write_baseline(project: Project, result: CheckResult, disk: Disk) -> None:
    from provisioner.cli.output_file import write_file

    if project.baseline is None:
        raise click.UsageError("--write-baseline needs a file: name it with --baseline FILE")
    text, count = project.new_baseline(result, disk)
    write_file(project.baseline, text)
    click.echo(f"{project.baseline} accepts {count} finding{'' if count == 1 else 's'}")
