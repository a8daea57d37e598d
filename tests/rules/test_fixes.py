"""Every fix that a rule offers repairs what it reports, and nothing comes in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner.cli.fix_files import fix_until_stable
from provisioner.finding import CheckResult
from provisioner.validate.rule import Fixes
from provisioner.validate.rules import RULES
from provisioner.validate.run import validate
from tests.rules.rule_cases import RuleCase, rule_cases

# Under its right name a setting is read, and what is wrong with its value shows.
UNCOVERED = {("PRV504", "bad"): {"PRV503"}, ("PRV504", "edge-provider-keys"): {"PRV509"}}


def check_of(case: RuleCase, overlay: Mapping[str, bytes]) -> CheckResult:
    if case.is_home:
        for path, data in overlay.items():
            Path(path).write_bytes(data)
    return case.result(overlay)


def with_fixes() -> list[RuleCase]:
    return [case for case in rule_cases() if case.folder == "bad" or case.folder.startswith("edge")]


@pytest.mark.parametrize("case", with_fixes(), ids=lambda case: f"{case.code}-{case.folder}")
def test_fixes_repair_what_they_are_for(
    case: RuleCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case.write(tmp_path))
    before = check_of(case, {})
    offered = [finding for finding in before.findings if finding.fix]
    if not offered:
        return

    fixed = fix_until_stable(lambda overlay: check_of(case, overlay), unsafe=True)

    assert fixed.made >= len({(finding.path, finding.span) for finding in offered})
    left = [finding for finding in fixed.result.findings if finding.fix]
    assert left == []
    new = {finding.code for finding in fixed.result.findings} - {f.code for f in before.findings}
    assert new == UNCOVERED.get((case.code, case.folder), set())


def test_a_rule_says_what_it_can_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = dict.fromkeys([rule.code for rule in RULES], Fixes.NONE)
    for number, case in enumerate(with_fixes()):
        monkeypatch.chdir(case.write(tmp_path / str(number)))
        for finding in check_of(case, {}).findings:
            if finding.fix:
                offered[finding.code] = Fixes.SAFE if finding.fix.safe else Fixes.UNSAFE

    assert offered == {rule.code: rule.fixes for rule in RULES}


def test_some_rules_offer_a_fix_and_a_safe_one_needs_no_leave(tmp_path: Path) -> None:
    case = next(case for case in rule_cases() if (case.code, case.folder) == ("PRV501", "bad"))
    path = case.write(tmp_path / "x") / "config.toml"
    path.write_text('model_provider = "g"\n[model_providers.g]\nname = "G"\nenv_key = "K"\n'
                    'base_url = "http://gateway.example.com/v1"\nwire_api = "chat"\n')  # fmt: skip

    safe = fix_until_stable(lambda overlay: validate([path], overlay=overlay), unsafe=False)
    every = fix_until_stable(lambda overlay: validate([path], overlay=overlay), unsafe=True)

    assert b'wire_api = "responses"' in safe.after[path.as_posix()]
    assert b"http://" in safe.after[path.as_posix()]
    assert b"https://" in every.after[path.as_posix()]
    assert [finding.code for finding in safe.result.findings] == ["PRV203"]
