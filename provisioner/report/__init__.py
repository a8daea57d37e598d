"""Findings → text, one file per format."""

from __future__ import annotations

from collections.abc import Callable

from provisioner.errors import InputError
from provisioner.finding import CheckResult
from provisioner.report.github_report import github_report
from provisioner.report.json_report import json_report
from provisioner.report.text_report import text_report

__all__ = ["REPORTERS", "report"]

REPORTERS: dict[str, Callable[[CheckResult], str]] = {
    "github": github_report,
    "json": json_report,
    "text": text_report,
}


def report(result: CheckResult, format: str = "text") -> str:  # noqa: A002 - the option's name
    """Write `result` in one of the `REPORTERS` formats, without a final newline.

    Raises `InputError` for another format.
    """
    if format not in REPORTERS:
        raise InputError(f'there is no report format "{format}"; there are: {", ".join(REPORTERS)}')
    return REPORTERS[format](result)
