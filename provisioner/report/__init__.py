"""Findings → text, one file per format."""

from __future__ import annotations

import re
from collections.abc import Callable

from provisioner.errors import InputError
from provisioner.finding import CheckResult
from provisioner.report.concise_report import concise_report
from provisioner.report.context import ReportContext
from provisioner.report.github_report import github_report
from provisioner.report.gitlab_report import gitlab_report
from provisioner.report.json_report import json_report
from provisioner.report.junit_report import junit_report
from provisioner.report.mask import without_secrets
from provisioner.report.sarif_report import sarif_report
from provisioner.report.text_report import summary, text_report

__all__ = ["REPORTERS", "ReportContext", "report", "summary"]

REPORTERS: dict[str, Callable[[CheckResult, ReportContext], str]] = {
    "concise": concise_report,
    "github": github_report,
    "gitlab": gitlab_report,
    "json": json_report,
    "junit": junit_report,
    "sarif": sarif_report,
    "text": text_report,
}

_SURROGATE = re.compile("[\ud800-\udfff]")
_DEFAULT = ReportContext()


def report(
    result: CheckResult,
    format: str = "text",  # noqa: A002 - the option's name
    context: ReportContext = _DEFAULT,
) -> str:
    """Write `result` in one of the `REPORTERS` formats, without a final newline.

    The text can be encoded as UTF-8, whatever bytes a path is made of. Raises `InputError` for
    another format.
    """
    if format not in REPORTERS:
        raise InputError(f'there is no report format "{format}"; there are: {", ".join(REPORTERS)}')
    return _SURROGATE.sub("\ufffd", REPORTERS[format](without_secrets(result), context))
