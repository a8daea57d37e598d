"""Every rule has a fixture, and every case of a fixture gives exactly the findings it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.validate.rule import SECTIONS, Rule
from provisioner.validate.rules import RULES
from tests.rules.rule_cases import FIXTURES, RuleCase, line_of, rule_cases
from tests.support import txtar


@pytest.mark.parametrize("case", list(rule_cases()), ids=lambda case: f"{case.code}-{case.folder}")
def test_the_case_gives_exactly_these_findings(
    case: RuleCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case.write(tmp_path))

    assert [line_of(finding) for finding in case.result().findings] == list(case.expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_fixture_shows_the_rule_and_its_absence(rule: Rule) -> None:
    archive = txtar.parse(FIXTURES[rule.code].read_text(encoding="utf-8"))
    bad = archive.folder("bad")["findings"].splitlines()

    assert archive.comment.strip()
    assert {line.rpartition(" ")[2] for line in bad} == {rule.code}
    assert archive.folder("good")
    assert "findings" not in archive.folder("good")


def test_fixtures_and_rules_belong_together() -> None:
    assert list(FIXTURES) == [rule.code for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_docstring_has_every_section_and_no_other(rule: Rule) -> None:
    assert tuple(rule.sections) == SECTIONS
    assert all(rule.sections.values())
    assert rule.summary


def test_every_rule_file_is_registered_once_in_the_order_of_codes() -> None:
    folder = Path(__file__).parents[2] / "provisioner" / "validate" / "rules"
    files = sorted(path.stem for path in folder.glob("prv*.py"))

    assert files == [f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in RULES]
