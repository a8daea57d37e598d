"""The rules and their fixtures → the page that explains each rule with tested examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from provisioner.validate.rule import Rule
from provisioner.validate.rules import RULES

__all__ = ["rules_markdown"]

_MARKER = re.compile(r"^-- (\S+) --\n", re.MULTILINE)
_HOME = "check"
_LANGUAGES = {"tf": "hcl", "json": "json"}
_INTRODUCTION = """\
Severity is a property of a rule, not of its code: that of its worst finding. Codes go by topic:
0xx reading files, 1xx credentials, 2xx flow and gateway wiring, 3xx Coder template, 4xx versions
and pinning, 5xx Codex config, 6xx what your own Terraform says (`validate --terraform`), 7xx
configurations of Auto AI Router; 9xx is left to users.

A finding is left out when a comment on its line, or alone on the line above it, says so:
`# provisioner: ignore[PRV101] the reason`. The rules of 0xx cannot be left out.
"""


def rules_markdown(fixtures_dir: Path) -> str:
    """Return the page; the examples are `bad` and `good` of each fixture.

    Of a folder with a file `check`, a Codex home, all files are shown, else the first.
    """
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
    fix = f" Fix: {rule.fixes}." if rule.fixes != "none" else ""
    yield f"{rule.summary}. Severity: {rule.severity}.{fix}"
    examples = {"What it does": ("bad", "Found"), "Use instead": ("good", "Fine")}
    for heading, text in rule.sections.items():
        yield f"\n### {heading}\n\n{text}"
        if heading in examples:
            folder, caption = examples[heading]
            for name, content in _shown(fixture, folder):
                where = "started with" if name == _HOME else f"in `{name}`"
                language = _LANGUAGES.get(name.rpartition(".")[2], "toml")
                yield f"\n{caption}, {where}:\n\n```{language}\n{content.rstrip()}\n```"
                caption = "and"


def _shown(fixture: str, folder: str) -> list[tuple[str, str]]:
    _, *parts = _MARKER.split(fixture)
    files = {
        name.removeprefix(f"{folder}/"): content
        for name, content in zip(parts[::2], parts[1::2], strict=True)
        if name.startswith(f"{folder}/") and not name.endswith("/findings")
    }
    shown = list(files.items()) if _HOME in files else list(files.items())[:1]
    return [(name, content) for name, content in shown if content.strip()]
