"""Rule codes, code prefixes and names → the rules to run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.errors import InputError
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule
from provisioner.validate.terraform_codes import TERRAFORM_CODES

__all__ = ["find_rule", "select_rules"]


def select_rules(
    rules: Sequence[Rule], select: Iterable[str], ignore: Iterable[str]
) -> tuple[Rule, ...]:
    """Return the rules of `select`, all for none, without those of `ignore`.

    Rules about reading files stay selected: what cannot be read has not been checked. Raises
    `InputError` for a selector that fits no rule.
    """
    wanted = tuple(select)
    selected = {code for selector in wanted for code in _matching(rules, selector)}
    ignored = {code for selector in ignore for code in _matching(rules, selector)}
    return tuple(
        rule
        for rule in rules
        if not rule.can_be_ignored
        or ((not wanted or rule.code in selected) and rule.code not in ignored)
    )


def find_rule(rules: Sequence[Rule], code_or_name: str) -> Rule:
    """Return one rule; raise `InputError` when there is none."""
    for rule in rules:
        if code_or_name.upper() == rule.code or code_or_name == rule.name:
            return rule
    raise _unknown(rules, code_or_name)


def _matching(rules: Sequence[Rule], selector: str) -> set[str]:
    prefix = selector.upper()
    found = {
        rule.code
        for rule in rules
        if selector == rule.name or (prefix.startswith("PRV") and rule.code.startswith(prefix))
    }
    if not found and not any(
        selector == item.name or (prefix.startswith("PRV") and item.code.startswith(prefix))
        for item in TERRAFORM_CODES
    ):
        raise _unknown(rules, selector)
    return found


def _unknown(rules: Sequence[Rule], selector: str) -> InputError:
    advice = did_you_mean(selector, [name for rule in rules for name in (rule.code, rule.name)])
    return InputError(
        f'no rule is called "{selector}"; {advice or "`provisioner rule` lists them all"}'
    )
