"""What a push has done → lines for people, JSON, and the outputs of a CI job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.errors import OutputError

if TYPE_CHECKING:
    from provisioner.coder_steps.push import PushDone
    from provisioner.finding import CheckResult

__all__ = ["append_outputs", "done_data", "done_lines", "refuse_closed", "report_done"]


def done_lines(done: PushDone, url: str, *, is_dry_run: bool) -> list[str]:
    """Say what was done, or would be."""
    if is_dry_run:
        return _would(done)
    name = f'template "{done.template}"'
    version = f'version "{done.version}" ({done.version_id})'
    lines = []
    if not done.is_changed:
        lines.append(f"nothing changed: {version} of {name} has the same files")
    if done.is_new_version:
        lines.append(f"pushed {version} of {name}: {done.why}")
    if done.is_activated:
        lines.append(
            f"{name} is made, with it active"
            if done.is_new_template
            else f'version "{done.version}" is active now'
        )
    elif not done.is_active:
        lines.append(f'version "{done.version}" is not active; push again without --no-activate')
    if done.edited:
        lines.append(f"changed {_words(done.edited)}")
    return [*lines, _page(done, url)]


def _would(done: PushDone) -> list[str]:
    name = f'template "{done.template}"'
    if not done.is_changed:
        return [f'nothing would change: version "{done.version}" of {name} has the same files']
    lines = []
    if done.is_new_version:
        lines.append(f"would push a version of {name}: {done.why}")
    if done.is_new_template:
        lines.append("would make the template")
    elif done.is_activated:
        which = f'version "{done.version}"' if done.version else "it"
        lines.append(f"would make {which} active")
    if done.edited:
        lines.append(f"would change {_words(done.edited)}")
    return lines


def done_data(done: PushDone, url: str, *, is_dry_run: bool) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "template": done.template,
        "version": done.version or None,
        "version_id": done.version_id or None,
        "is_dry_run": is_dry_run,
        "is_changed": done.is_changed,
        "is_new_template": done.is_new_template,
        "is_new_version": done.is_new_version,
        "is_active": done.is_active,
        "is_activated": done.is_activated,
        "edited": list(done.edited),
        "why": done.why or None,
        "url": _page(done, url),
    }


def report_done(
    result: CheckResult,
    format_name: str,
    file: Path | None,
    *,
    said: str,
    data: Mapping[str, object],
) -> None:
    """Write the findings that did not stop a push, and what was done: `said`, or `data` in JSON.

    Standard output holds one format: beside one that a program reads, `said` goes to standard
    error. Raises `OutputError` for a file that cannot be written.
    """
    from provisioner.cli.output_file import write_file
    from provisioner.cli.write_report import write_report

    if file is not None:
        # What was done is said by now, should the file be gone meanwhile.
        click.echo(said)
        if result.files or format_name != "text":
            write_report(result, format_name, file, data=data, counts=bool(result.findings))
        else:
            write_file(file, "")
    elif format_name != "text":
        write_report(result, format_name, None, data=data)
        if format_name != "json":
            click.echo(said, err=True)
    elif result.findings:
        write_report(result, format_name, None, after=said)
    else:
        click.echo(said)


def refuse_closed(file: Path) -> None:
    """Raise `OutputError` unless lines can be appended to `file`."""
    try:
        with file.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}") from error


def append_outputs(file: Path, done: PushDone, url: str) -> None:
    """Append `name=value` lines, as $GITHUB_OUTPUT and a GitLab dotenv report take them.

    Raises `OutputError` for a file that cannot be written.
    """
    values = {
        "template": done.template,
        "template_url": _page(done, url),
        "template_version": done.version,
        "template_version_id": done.version_id,
        "template_changed": str(done.is_changed).lower(),
        "template_active": str(done.is_active).lower(),
    }
    try:
        with file.open("a", encoding="utf-8") as target:
            target.writelines(
                f"{name}={' '.join(value.split())}\n" for name, value in values.items()
            )
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}") from error


def _page(done: PushDone, url: str) -> str:
    organization = f"{done.organization}/" if done.organization else ""
    return f"{url}/templates/{organization}{done.template}"


def _words(edited: tuple[str, ...]) -> str:
    return ", ".join(word.replace("_", " ") for word in edited)
