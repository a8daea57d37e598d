"""SARIF logs fit the schema of the standard, and GitHub's limits, for every rule there is."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs.rule_docs import rules_markdown
from provisioner.cli.finding_options import FORMATS
from provisioner.finding import CheckResult
from provisioner.report import FORMATS as REPORT_FORMATS
from provisioner.report import ReportContext, report
from provisioner.validate.rules import RULES
from tests.rules.rule_cases import FIXTURES, RuleCase, rule_cases

SCHEMA = Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json"
CONTEXT = ReportContext(tuple(rule.description for rule in RULES))
BAD = [case for case in rule_cases() if case.folder == "bad"]


@cache
def validator() -> Any:
    schema = json.loads(SCHEMA.read_bytes())
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


def test_the_schema_is_the_one_that_was_published() -> None:
    notice = (SCHEMA.parent / "NOTICE.md").read_text(encoding="utf-8")

    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() in notice
    assert not validator().is_valid({"version": "2.1.0", "runs": [{}]})


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.code)
def test_what_a_rule_finds_fits_the_schema(
    case: RuleCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case.write(tmp_path / "bad"))
    result = case.result()
    log = json.loads(report(result, "sarif", CONTEXT))

    validator().validate(log)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    results = [item for item in log["runs"][0]["results"] if "suppressions" not in item]
    assert len(results) == len(result.findings) > 0
    assert [rules[item["ruleIndex"]]["id"] for item in results] == [case.code] * len(results)


def test_a_clean_log_fits_and_describes_every_rule() -> None:
    log = json.loads(report(CheckResult((), ("a.tf",)), "sarif", CONTEXT))

    validator().validate(log)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    for rule in rules:
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", rule["name"])
        texts = rule["shortDescription"]["text"], rule["fullDescription"]["text"]
        assert texts[0] not in texts[1]
        assert all(20 < len(text) <= 1024 for text in texts)
        assert "**Use instead**" in rule["help"]["markdown"]
        is_credential = rule["id"].startswith("PRV1")
        assert ("security-severity" in rule["properties"]) == is_credential
        assert rule["properties"]["tags"]


def test_the_page_of_the_rules_has_the_place_that_json_names() -> None:
    page = rules_markdown(next(iter(FIXTURES.values())).parent)

    headings = {
        line.removeprefix("## ").lower().replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("## ")
    }
    assert headings == {f"{rule.code.lower()}-{rule.name}" for rule in RULES}


def test_the_command_offers_every_format() -> None:
    assert sorted(FORMATS) == sorted(REPORT_FORMATS)
