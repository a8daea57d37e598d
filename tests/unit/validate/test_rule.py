"""A rule gives its findings their identity, and its docstring is its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.rule_docs import rules_markdown
from provisioner.errors import InputError
from provisioner.finding import Finding, Severity, Span
from provisioner.validate.rule import Rule, rule
from provisioner.validate.rules import RULES
from provisioner.validate.select import find_rule
from provisioner.validate.workspace import Workspace


@rule("PRV999", "bad-thing", Severity.NOTE)
def bad_thing(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A bad thing.

    What it does:
        Looks for it,
        everywhere.

    Why:
        It is bad: really.
    """
    for source in workspace.sources:
        yield this.finding(source.path, Span.of(1, 1, 1, 2), "bad", help="make it good")


def test_findings_carry_the_identity_of_their_rule() -> None:
    (finding,) = bad_thing.check(Workspace.read({"main.tf": b""}))

    assert (finding.code, finding.name, finding.severity) == ("PRV999", "bad-thing", Severity.NOTE)
    assert (finding.path, finding.message, finding.help) == ("main.tf", "bad", "make it good")


def test_the_docstring_is_read_by_sections() -> None:
    assert bad_thing.summary == "A bad thing"
    assert bad_thing.sections == {
        "What it does": "Looks for it,\neverywhere.",
        "Why": "It is bad: really.",
    }


@pytest.mark.parametrize("key", ["PRV101", "prv101", "hardcoded-credential"])
def test_a_rule_is_found_by_code_and_name(key: str) -> None:
    assert find_rule(RULES, key).code == "PRV101"


def test_a_rule_that_is_not_there_is_an_input_error() -> None:
    with pytest.raises(InputError, match='did you mean "hardcoded-credential"'):
        find_rule(RULES, "hardcoded-credentials")


def test_the_page_shows_every_rule_with_its_tested_examples() -> None:
    page = rules_markdown(Path(__file__).parents[2] / "rules")

    assert [line[3:9] for line in page.splitlines() if line.startswith("## ")] == [
        rule.code for rule in RULES
    ]
    assert page.count("\n```") >= 4 * len(RULES)
    assert page.count("\n```") % 2 == 0
    assert "Found, in `config.toml`:" in page
    assert "and, started with:\n\n```toml\n[environment]\nOPENAI_API_KEY = " in page
    assert '  folder = "/home/coder"\n' in page
    assert '  workdir = "/home/coder"\n' in page
