"""The rules and their fixtures → the page that explains each rule with tested examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from provisioner.validate.rule import Rule
from provisioner.validate.rules import RULES

__all__ = ["rules_markdown"]

_MARKER = re.compile(r"^-- (\S+) --\n", re.MULTILINE)
_INTRODUCTION = """\
Severity is a property of a rule, not of its code. Codes go by topic: 0xx reading files,
1xx credentials, 2xx flow and gateway wiring, 3xx Coder template, 4xx versions and pinning,
5xx Codex config; 9xx is left to users.

A finding is left out when a comment on its line, or alone on the line above it, says so:
`# provisioner: ignore[PRV101] the reason`. The rules of 0xx cannot be left out.
"""


def rules_markdown(fixtures_dir: Path) -> str:
    """Return the page; the examples are the first files of `bad` and `good` of each fixture."""
    lines = ["# Rules", "", _INTRODUCTION]
    lines += ["| code | name | severity | finds |", "| -- | -- | -- | -- |"]
    lines += [
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.severity} "
        f"| {rule.summary} |"
        for rule in RULES
    ]
    for rule in RULES:
        fixture = (fixtures_dir / f"{rule.code}.txtar").read_text(encoding="utf-8")
        lines += ["", *_section(rule, fixture)]
    return "\n".join(lines) + "\n"


def _section(rule: Rule, fixture: str) -> Iterator[str]:
    yield f"## {rule.code} {rule.name}"
    yield ""
    yield f"{rule.summary}. Severity: {rule.severity}."
    examples = {"What it does": ("bad", "Found"), "Use instead": ("good", "Fine")}
    for heading, text in rule.sections.items():
        yield f"\n### {heading}\n\n{text}"
        if heading in examples:
            folder, caption = examples[heading]
            name, content = _first_file(fixture, folder)
            language = "hcl" if name.endswith(".tf") else "toml"
            yield f"\n{caption}, in `{name}`:\n\n```{language}\n{content.rstrip()}\n```"


def _first_file(fixture: str, folder: str) -> tuple[str, str]:
    _, *parts = _MARKER.split(fixture)
    files = zip(parts[::2], parts[1::2], strict=True)
    name, content = next(item for item in files if item[0].startswith(f"{folder}/"))
    return name.removeprefix(f"{folder}/"), content
