"""A result → the same result without any credential: at a finding's span, or by the look of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from provisioner.finding import CheckResult, Finding, Span
from provisioner.redact import mask_by_look, secret_looking

__all__ = ["without_secrets"]

_SECRET_CHARACTER = re.compile(r"""[^\s"']""")
# A word without one may be a name, which other texts have a right to.
_DIGIT = re.compile(r"\d")
_AROUND = " \t\r\"'"
# Shorter text is a part of ordinary words; at its own place it is masked all the same.
_LEAST = 8


def without_secrets(result: CheckResult) -> CheckResult:
    """Mask what stands at secret spans, and the same text wherever else it would be shown.

    So is what looks like a secret: in a file that cannot be parsed no finding points at it. Masks
    keep the length, so that columns stay what they are. A fix that would write a credential is left
    out.
    """
    findings = (*result.findings, *result.hidden)
    if not findings:
        return result
    secret = [item for item in findings if item.secret]
    lines = {path: source.split("\n") for path, source in result.sources.items()}
    originals = {path: tuple(texts) for path, texts in lines.items()}
    secrets: set[str] = set()
    for finding in secret:
        original = originals.get(finding.path, ())
        for number, first, last in _stretches(finding.span, original):
            text = original[number][first:last]
            secrets.add(text.strip(_AROUND))
            line = lines[finding.path][number]
            lines[finding.path][number] = line[:first] + _masked(text) + line[last:]
    for source in result.sources.values():
        secrets |= {text for text in _looking_secret(source) if _DIGIT.search(text)}
    hide = _hider({text for text in secrets if len(text) >= _LEAST})
    return replace(
        result,
        findings=tuple(_safe(item, hide) for item in result.findings),
        hidden=tuple(_safe(item, hide) for item in result.hidden),
        sources={
            path: mask_by_look(hide("\n".join(texts)), _masked) for path, texts in lines.items()
        },
    )


def _looking_secret(text: str) -> Iterator[str]:
    return (text[first:last] for first, last in secret_looking(text))


def _stretches(span: Span, lines: tuple[str, ...]) -> Iterator[tuple[int, int, int]]:
    """Yield index, first and last column of each line that the span covers."""
    for number in range(span.start.line, min(span.end.line, len(lines)) + 1):
        first = span.start.column - 1 if number == span.start.line else 0
        last = span.end.column - 1 if number == span.end.line else len(lines[number - 1])
        yield number - 1, first, last


def _masked(text: str) -> str:
    return _SECRET_CHARACTER.sub("*", text)


def _hider(secrets: set[str]) -> Callable[[str], str]:
    if not secrets:
        return lambda text: text
    longest_first = sorted(secrets, key=lambda text: (-len(text), text))
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(lambda match: _masked(match[0]), text)


def _safe(finding: Finding, hide: Callable[[str], str]) -> Finding:
    fix = finding.fix
    if fix and any(hide(edit.replacement) != edit.replacement for edit in fix.edits):
        fix = None
    return replace(finding, message=hide(finding.message), help=hide(finding.help), fix=fix)
