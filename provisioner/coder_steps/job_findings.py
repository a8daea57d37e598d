"""The log of a failed job → findings at the file and line that Terraform names.

Coder logs a diagnostic of `terraform plan` as `Error: SUMMARY`, `on FILE line N, in BLOCK:`, the
source with line numbers, an empty line and the details, one log line each (coder/coder,
provisioner/terraform/diagnostic.go); `terraform init` writes the same, indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.coder_api.archive import Entry
from provisioner.coder_api.models import LogLine, Variable
from provisioner.finding import FILE_START, CheckResult, Finding, Span, sorted_findings
from provisioner.redact import SecretMask, hint, mask_by_look
from provisioner.validate.terraform_codes import CODER_JOB_FAILED, TERRAFORM_ERROR

__all__ = ["PushedFiles", "failed_job_findings", "missing_variable_findings"]

_BOX = re.compile(r"^[│╷╵]\s?")
_START = re.compile(r"(Error|Warning): (.+)")
_PLACE = re.compile(r"\s*on (.+?) line (\d+)(?:, in .+)?:")
_PLACE_IN_WORDS = re.compile(r"\bat (\S+\.tf(?:\.json)?):(\d+)\b")
_PREFACE = "Terraform encountered problems during initiali"
_SOURCE = re.compile(r"\s*(?:\d+:|├─|│|\(source code not available\))")


@dataclass(frozen=True, slots=True)
class PushedFiles:
    """The files that were pushed, and how to name them in a finding."""

    entries: Mapping[str, Entry]
    folder: str
    mask: SecretMask = field(default_factory=SecretMask)
    """Of what Terraform quotes."""

    def path(self, name: str) -> str:
        """Return the path of a file, as a user would name it."""
        return f"{self.folder}/{name}" if self.folder else name

    def lines(self, name: str) -> list[str]:
        """Return the lines of a pushed file; none of a file that was not."""
        entry = self.entries.get(name)
        return entry.data.decode("utf-8", "replace").splitlines() if entry else []


@dataclass(slots=True)
class _Diagnostic:
    summary: str
    file: str = ""
    line: int = 0
    detail: list[str] = field(default_factory=list)
    is_over_source: bool = True


def failed_job_findings(lines: Iterable[LogLine], error: str, pushed: PushedFiles) -> CheckResult:
    """Return the errors of a log as findings; at least one, from the job's own `error`."""
    texts = (line.output for line in lines if line.log_level == "error")
    diagnostics = [item for item in _diagnostics(texts) if not item.summary.startswith(_PREFACE)]
    found = [_finding(item, pushed) for item in diagnostics]
    if not found:
        message = f"Coder: the job failed: {_shown(error or 'without a reason', pushed)}"
        kind = CODER_JOB_FAILED
        found = [Finding(kind.code, kind.name, kind.severity, message, pushed.folder or ".")]
    return _result(found, pushed)


def missing_variable_findings(variables: Sequence[Variable], pushed: PushedFiles) -> CheckResult:
    """Return a finding for each variable without a value, at its block."""
    kind = CODER_JOB_FAILED
    found = []
    for variable in variables:
        if variable.required and not variable.value:
            name, span = _declared(variable.name, pushed)
            found.append(
                Finding(
                    kind.code,
                    kind.name,
                    kind.severity,
                    f'Coder: variable "{variable.name}" has no value',
                    pushed.path(name) if name else pushed.folder or ".",
                    span,
                    f"give --variable {variable.name}=VALUE, or put it into a .tfvars file",
                )
            )
    return _result(found, pushed)


def _diagnostics(texts: Iterable[str]) -> Iterator[_Diagnostic]:
    current: _Diagnostic | None = None
    for raw in texts:
        text = _BOX.sub("", raw.rstrip())
        if start := _START.fullmatch(text):
            if current is not None:
                yield current
            current = _Diagnostic(start[2]) if start[1] == "Error" else None
        elif current is None:
            continue
        elif not current.file and (place := _PLACE.fullmatch(text)):
            current.file, current.line = place[1], int(place[2])
            current.is_over_source = False
        elif not current.is_over_source and _SOURCE.match(text):
            continue
        else:
            current.is_over_source = current.is_over_source or not text.strip()
            current.detail.append(text.strip())
    if current is not None:
        yield current


def _finding(item: _Diagnostic, pushed: PushedFiles) -> Finding:
    kind = TERRAFORM_ERROR
    detail = " ".join(filter(None, item.detail))
    file, line = item.file, item.line
    if not file and (place := _PLACE_IN_WORDS.search(detail)):
        file, line = place[1], int(place[2])
    return Finding(
        kind.code,
        kind.name,
        kind.severity,
        f"Terraform: {_shown(item.summary, pushed)}",
        pushed.path(file) if file else pushed.folder or ".",
        _line_span(pushed.lines(file), line),
        _shown(detail, pushed),
    )


def _line_span(lines: Sequence[str], line: int) -> Span:
    if not line:
        return FILE_START
    if line > len(lines):
        return Span.of(line, 1, line, 1)
    text = lines[line - 1]
    start = len(text) - len(text.lstrip()) + 1
    return Span.of(line, start, line, max(len(text.rstrip()) + 1, start))


def _declared(name: str, pushed: PushedFiles) -> tuple[str, Span]:
    block = re.compile(rf'\s*variable\s+"?{re.escape(name)}"?\s*\{{?')
    for file in sorted(pushed.entries):
        if "/" not in file and file.endswith(".tf"):
            lines = pushed.lines(file)
            for number, text in enumerate(lines, 1):
                if block.match(text):
                    return file, _line_span(lines, number)
    return "", FILE_START


def _shown(text: str, pushed: PushedFiles) -> str:
    """Terraform quotes the values that it refuses."""
    return mask_by_look(pushed.mask.hide(text), hint)


def _result(found: Iterable[Finding], pushed: PushedFiles) -> CheckResult:
    findings = sorted_findings(found)
    files = {finding.path for finding in findings}
    sources = {
        pushed.path(name): entry.data.decode("utf-8", "replace")
        for name, entry in pushed.entries.items()
        if pushed.path(name) in files
    }
    return CheckResult(findings, tuple(sorted(sources)), sources=sources)
