"""Findings that are known and accepted: a JSON text ↔ what it accepts.

A finding is known again by its rule, its file and a fingerprint of its message and the text of its
line, so it may move within the file. The text itself is not in the baseline, and nothing of a line
with a credential goes into a fingerprint.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from provisioner.cache.store import digest
from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding

__all__ = [
    "Accepted",
    "Baseline",
    "accept",
    "accepted_keys",
    "baseline_text",
    "parse_baseline",
    "renewed",
]

_VERSION = 1
# A message that names the Codex it judges for says the same of the next one.
_VERSIONS = re.compile(r"\b\d+(?:\.\d+)+\b")


class Accepted(NamedTuple):
    """One kind of accepted finding; `path` counts from the folder of the baseline."""

    path: str
    rule: str
    fingerprint: str


Baseline = Counter[Accepted]
"""How many findings of each kind are accepted."""


def accepted_keys(
    findings: Iterable[Finding], names: Mapping[str, str], sources: Mapping[str, str]
) -> list[tuple[Finding, Accepted]]:
    """Pair each finding with what a baseline would know it by."""
    findings = list(findings)
    secret = {
        (item.path, line)
        for item in findings
        if item.secret
        for line in range(item.span.start.line, item.span.end.line + 1)
    }
    lines = {path: text.split("\n") for path, text in sources.items()}

    def key(finding: Finding) -> Accepted:
        number = finding.span.start.line
        below = lines.get(finding.path, [])
        shown = (finding.path, number) not in secret and number <= len(below)
        text = below[number - 1].strip() if shown else ""
        content = f"{_VERSIONS.sub('VERSION', finding.message)}\n{text}"
        fingerprint = digest(content.encode("utf-8", "surrogatepass"))[:16]
        return Accepted(names.get(finding.path, finding.path), finding.code, fingerprint)

    return [(finding, key(finding)) for finding in findings]


def accept(
    result: CheckResult, baseline: Baseline, names: Mapping[str, str]
) -> tuple[CheckResult, Baseline]:
    """Take the accepted findings out of a result; return it with what was accepted.

    What says that a file could not be read stays: nobody has looked for anything else in it.
    """
    from provisioner.validate.rules import RULES  # noqa: PLC0415 - costs start-up time

    stays = {rule.code for rule in RULES if not rule.can_be_ignored}
    left, accepted = baseline.copy(), Baseline()
    kept = list[Finding]()
    for finding, key in accepted_keys(result.findings, names, result.sources):
        if finding.code not in stays and left[key] > 0:
            left[key] -= 1
            accepted[key] += 1
        else:
            kept.append(finding)
    return replace(result, findings=tuple(kept)), accepted


def parse_baseline(data: bytes, path: str) -> Baseline:
    """Read a baseline; raise `InputError` when it is none."""
    try:
        content = json.loads(data)
        version, rows = content["version"], content["findings"]
        found = Baseline()
        for row in rows:
            key = Accepted(*(_text(row[name]) for name in ("path", "rule", "fingerprint")))
            found[key] += _count(row["count"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f'"{path}" is not a baseline; `--write-baseline` writes one') from error
    if version != _VERSION:
        raise InputError(f'"{path}" is a baseline of version {version}, which is not known here')
    return found


def baseline_text(baseline: Baseline) -> str:
    """Write a baseline, one line for each kind of finding, sorted."""
    rows = [
        json.dumps({**key._asdict(), "count": count}, ensure_ascii=False)
        for key, count in sorted(baseline.items())
        if count > 0
    ]
    body = ",\n".join(f"    {row}" for row in rows)
    findings = f"[\n{body}\n  ]" if rows else "[]"
    return f'{{\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n'


def renewed(old: Baseline, found: Baseline, was_checked: Callable[[Accepted], bool]) -> Baseline:
    """Replace what was checked by what was found, and keep the rest."""
    kept = {key: count for key, count in old.items() if not was_checked(key)}
    return Baseline({**kept, **found})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise TypeError
    return value
