"""Findings → standard output, or a file for another program and their number for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from provisioner.cli.repeat import CHECKOUTS
from provisioner.errors import InputError
from provisioner.finding import CheckResult, RuleDescription
from provisioner.report import ReportContext, report, summary

__all__ = ["refuse_checked", "write_report"]


def write_report(
    result: CheckResult,
    format_name: str,
    output_file: Path | None,
    *,
    after: str = "",
    data: Mapping[str, Any] | None = None,
    counts: bool = True,
) -> str:
    """Write `result` in one format; `after` is said after text, `data` goes into JSON.

    Beside a file the findings are counted, unless `counts` is off. Returns what standard output
    got.

    Raises `InputError` for a file that was checked or is no regular file, and `OutputError` for
    one that cannot be written.
    """
    if output_file is not None:
        refuse_checked(output_file, result)
    colour = output_file is None and _wants_colour()
    text = report(result, format_name, _context(format_name, colour=colour))
    if format_name == "json" and data:
        text = json.dumps(json.loads(text) | data, indent=2, ensure_ascii=False)
    if format_name == "text" and after:
        text = f"{text}\n\n{after}"
    if output_file is None:
        return _say(text, colour=colour)
    from provisioner.cli.output_file import write_file

    write_file(output_file, f"{text}\n" if text else "")
    return _say("\n\n".join(filter(None, [summary(result) if counts else "", after])))


def _say(text: str, *, colour: bool = False) -> str:
    if text:
        click.echo(text, color=colour)
    return f"{text}\n" if text else ""


def _context(format_name: str, *, colour: bool) -> ReportContext:
    folder = Path.cwd()
    checkouts = (Path(os.environ[name]) for name in CHECKOUTS if os.environ.get(name))
    root = next((path for path in checkouts if folder.is_relative_to(path)), folder)
    rules = _descriptions() if format_name == "sarif" else ()
    return ReportContext(rules, folder.as_posix(), root.as_posix(), colour)


def _descriptions() -> tuple[RuleDescription, ...]:
    """Describe every rule, for the one format that explains them."""
    from provisioner.validate.rules import RULES
    from provisioner.validate.terraform_codes import TERRAFORM_CODES

    return (*(rule.description for rule in RULES), *TERRAFORM_CODES)


def _wants_colour() -> bool:
    """Follow no-color.org and force-color.org; the first one wins."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def refuse_checked(output_file: Path, result: CheckResult) -> None:
    """Raise `InputError` where the report would replace one of the files that it is about."""
    target = output_file.resolve()
    if any(target == Path(path).resolve() for path in result.files):
        raise InputError(f'"{output_file}" is one of the files that were checked')
