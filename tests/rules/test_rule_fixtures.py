"""Every rule has a fixture, and every case of a fixture gives exactly the findings it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.finding import Finding
from provisioner.validate.rule import SECTIONS, Rule
from provisioner.validate.rules import RULES
from provisioner.validate.run import validate
from tests.support import txtar
from tests.support.tree import write_tree

FIXTURES = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.txtar"))}


def cases() -> Iterator[tuple[str, str]]:
    for code, path in FIXTURES.items():
        archive = txtar.parse(path.read_text(encoding="utf-8"))
        for folder in dict.fromkeys(name.partition("/")[0] for name in archive.files):
            yield code, folder


def line_of(finding: Finding) -> str:
    start, end = finding.span.start, finding.span.end
    span = f"{start.line}:{start.column}-{end.line}:{end.column}"
    return f"{finding.path}:{span} {finding.severity} {finding.code}"


def findings_of(files: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(write_tree(folder, files))
    paths = [Path(name) for name in files if name.endswith(".toml")]
    if any(name.endswith(".tf") for name in files):
        paths.append(Path())
    return [line_of(finding) for finding in validate(paths).findings]


@pytest.mark.parametrize(("code", "folder"), list(cases()))
def test_the_case_gives_exactly_these_findings(
    code: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = txtar.parse(FIXTURES[code].read_text(encoding="utf-8")).folder(folder)
    expected = files.pop("findings", "").splitlines()

    assert findings_of(files, tmp_path, monkeypatch) == expected


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
