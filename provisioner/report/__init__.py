"""Findings → text, one file per format."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

from provisioner.errors import InputError
from provisioner.finding import CheckResult
from provisioner.report.context import ReportContext
from provisioner.report.mask import without_secrets
from provisioner.report.text_report import summary

__all__ = ["FORMATS", "ReportContext", "report", "summary"]

FORMATS = ("concise", "github", "gitlab", "json", "junit", "sarif", "text")

_SURROGATE = re.compile("[\ud800-\udfff]")
_DEFAULT = ReportContext()


def report(
    result: CheckResult,
    format: str = "text",  # noqa: A002 - the option's name
    context: ReportContext = _DEFAULT,
) -> str:
    """Write `result` in one of the `FORMATS`, without a final newline.

    The text can be encoded as UTF-8, whatever bytes a path is made of. Raises `InputError` for
    another format.
    """
    if format not in FORMATS:
        raise InputError(f'there is no report format "{format}"; there are: {", ".join(FORMATS)}')
    return _SURROGATE.sub("\ufffd", _reporter(format)(without_secrets(result), context))


def _reporter(format_name: str) -> Callable[[CheckResult, ReportContext], str]:
    """Import no more than the one file of this format: the others cost start-up time."""
    name = f"{format_name}_report"
    reporter: Callable[[CheckResult, ReportContext], str] = getattr(
        import_module(f"{__name__}.{name}"), name
    )
    return reporter
