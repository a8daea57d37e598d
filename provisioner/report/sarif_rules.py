"""Rule descriptions → the rules of a SARIF tool, with what GitHub code scanning reads of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from provisioner.finding import Confidence, Finding, RuleDescription, Severity

__all__ = ["sarif_rules"]

# GitHub ranks security alerts by it: from 9.0 critical, 7.0 high, 4.0 medium, above 0 low.
_SECURITY_SEVERITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
_CREDENTIALS = "credentials"


def sarif_rules(
    findings: Iterable[Finding], rules: Iterable[RuleDescription]
) -> list[dict[str, Any]]:
    """Return every rule, by code; one that is only known from its findings has no help."""
    known = {rule.code: rule for rule in rules}
    precisions: dict[str, Confidence] = {}
    order = list(Confidence)
    for finding in findings:
        known.setdefault(
            finding.code,
            RuleDescription(finding.code, finding.name, finding.severity, finding.name),
        )
        before = precisions.get(finding.code, Confidence.HIGH)
        precisions[finding.code] = max(before, finding.confidence, key=order.index)
    return [
        _rule(rule, precisions.get(code, Confidence.HIGH)) for code, rule in sorted(known.items())
    ]


def _rule(rule: RuleDescription, precision: Confidence) -> dict[str, Any]:
    summary = f"{rule.summary}."
    first = next(iter(rule.sections.values()), summary)
    written: dict[str, Any] = {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": " ".join(first.split())},
        "help": {
            "text": _help(rule, "{heading}:\n{text}"),
            "markdown": _help(rule, "**{heading}**\n\n{text}"),
        },
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": _properties(rule, precision),
    }
    return written


def _help(rule: RuleDescription, form: str) -> str:
    parts = [form.format(heading=heading, text=text) for heading, text in rule.sections.items()]
    return "\n\n".join([f"{rule.summary}.", *parts])


def _properties(rule: RuleDescription, precision: Confidence) -> dict[str, Any]:
    if rule.topic != _CREDENTIALS:
        tags = [rule.topic] if rule.topic else []
        return {"precision": precision.value, "tags": tags}
    return {
        "precision": precision.value,
        # Without the tag, GitHub does not read the number.
        "tags": [rule.topic, "security"],
        "security-severity": _SECURITY_SEVERITY[rule.severity],
    }
