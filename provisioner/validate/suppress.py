"""Findings that a comment in the file asks to leave out.

`# provisioner: ignore[PRV101] the reason` stands on the line of the finding or alone on the line
above it; several rules are separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from provisioner.finding import Finding
from provisioner.validate.rule import Rule

__all__ = ["without_suppressed"]

_COMMENT = re.compile(r"(?:#|//)\s*provisioner:\s*ignore\[([^\]\n]*)\]")
_OWN_LINE = re.compile(r"\s*(?:#|//)")


def without_suppressed(
    findings: Iterable[Finding], sources: Mapping[str, str], rules: Iterable[Rule]
) -> list[Finding]:
    """Return the findings that no comment covers; those about reading files always stay."""
    always = {rule.code for rule in rules if rule.reads_files}
    lines = {path: text.split("\n") for path, text in sources.items() if "provisioner:" in text}
    return [
        finding
        for finding in findings
        if finding.code in always
        or not {finding.code, finding.name} & _ignored(lines.get(finding.path, []), finding)
    ]


def _ignored(lines: list[str], finding: Finding) -> set[str]:
    line = finding.span.start.line
    near = lines[line - 1 : line]
    if line > 1 and near and _OWN_LINE.match(lines[line - 2]):
        near.append(lines[line - 2])
    return {
        name.strip()
        for text in near
        for match in _COMMENT.finditer(text)
        for name in match[1].split(",")
    }
