"""`provisioner rule`: what the rules are, and one of them in full."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from provisioner.finding import RuleDescription
    from provisioner.spec.codes import SpecCode
    from provisioner.validate.rule import Rule

__all__ = ["command"]


_FIXES = {
    "safe": "`provisioner validate --fix` makes it, where the place allows it.",
    "unsafe": "`provisioner validate --fix --unsafe` makes it: look at what it changes.",
}


@click.command("rule")
@click.argument("code", required=False, metavar="[CODE]")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
def command(*, code: str | None, format_name: str) -> None:
    """Explain one rule, by code or name, or list them all.

    \b
    Examples:
      provisioner rule
      provisioner rule PRV502
      provisioner rule root-key-under-table --format json
    """
    from msgspec import to_builtins

    from provisioner.validate.rules import RULES
    from provisioner.validate.select import find_rule

    spec_code = _spec_code(code)
    if spec_code is not None:
        shown = dataclasses.asdict(spec_code) if format_name == "json" else None
        text = f"{spec_code.code} {spec_code.name} (error)\n\nReading a spec: {spec_code.summary}."
        click.echo(json.dumps(shown, indent=2) if shown else text)
        return
    described = _of_terraform(code)
    if described is not None:
        shown = {**to_builtins(described), "fix": "none"} if format_name == "json" else None
        click.echo(json.dumps(shown, indent=2) if shown else _explained(described))
        return
    rules = [find_rule(RULES, code)] if code else list(RULES)
    if format_name == "json":
        content = [_as_json(rule) for rule in rules]
        click.echo(json.dumps(content[0] if code else content, indent=2, ensure_ascii=False))
    elif code:
        click.echo(_explained(rules[0].description, rules[0].fixes))
    else:
        for rule in rules:
            click.echo(f"{rule.code}  {rule.severity.value:<7}  {rule.name}: {rule.summary}")


def _spec_code(code: str | None) -> SpecCode | None:
    """Return the finding of reading a spec that `code` names: not a rule, but it has a code."""
    from provisioner.spec.codes import SPEC_CODES

    return next((item for item in SPEC_CODES if code in {item.code, item.name}), None)


def _of_terraform(code: str | None) -> RuleDescription | None:
    """Return what Terraform's own words become, where `code` names it."""
    from provisioner.validate.terraform_codes import TERRAFORM_CODES

    return next((item for item in TERRAFORM_CODES if code in {item.code, item.name}), None)


def _explained(rule: RuleDescription, fixes: str = "") -> str:
    parts = [f"{rule.code} {rule.name} ({rule.severity})", rule.summary]
    parts += [f"{heading}\n{text}" for heading, text in rule.sections.items()]
    if fixes in _FIXES:
        parts.append(f"Fix\n{_FIXES[fixes]}")
    return "\n\n".join(parts)


def _as_json(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "sections": rule.sections,
        "fix": rule.fixes.value,
    }
