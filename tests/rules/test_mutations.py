"""For every rule there is a small mistake in a clean folder that this rule reports, and no other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provisioner.finding import Finding
from provisioner.validate.rule import Rule
from provisioner.validate.rules import RULES
from tests.rules.mutations import BASES, SECTION, Mutation, base_files, mutations, parse
from tests.rules.rule_cases import FIXTURES, RuleCase, line_of
from tests.support import txtar

MAX_LINES = 6
MAX_CHARACTERS = 160
HOW_TO_ADD_ONE = """
{code} {name} has no mutation. Add to tests/rules/{code}.txtar, below its comment, the smallest
mistake in a clean folder that only {code} reports:

-- mutation --
base: docker-byok
file: codex.tf
- wire_api = "responses"
+ wire_api = "chat"

tests/rules/mutations.py says what may stand there. The bases: {bases}
"""

SECTIONS = dict(mutations())


def findings(folder: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    case = RuleCase.of("", "", files)
    monkeypatch.chdir(case.write(folder))
    return list(case.result().findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_mutation(rule: Rule) -> None:
    if rule.code not in SECTIONS:
        how = HOW_TO_ADD_ONE.format(code=rule.code, name=rule.name, bases=", ".join(BASES))
        pytest.fail(how, pytrace=False)


@pytest.mark.parametrize("code", FIXTURES)
def test_whatever_is_in_no_folder_of_a_fixture_is_its_mutation(code: str) -> None:
    archive = txtar.parse(FIXTURES[code].read_text(encoding="utf-8"))

    assert [name for name in archive.files if "/" not in name] in ([], [SECTION])


@pytest.mark.parametrize("base", BASES)
def test_a_base_has_no_finding_at_all(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [line_of(item) for item in findings(tmp_path, base_files(base), monkeypatch)] == []


@pytest.mark.parametrize("code", SECTIONS)
def test_the_rule_and_no_other_reports_its_mutant(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation = parse(SECTIONS[code])
    before = base_files(mutation.base)
    mutant = mutation.mutant(before)

    found = findings(tmp_path, mutant, monkeypatch)

    reported = [line_of(finding) for finding in found]
    assert {finding.code for finding in found} == {code}, reported
    assert any(
        mutation.is_reported(finding, mutant, before.get(mutation.file, "")) for finding in found
    ), f"none of {reported} is where the edit is"


@pytest.mark.parametrize("code", SECTIONS)
def test_a_mutation_is_small(code: str) -> None:
    lines, characters = parse(SECTIONS[code]).size

    assert lines <= MAX_LINES
    assert characters <= MAX_CHARACTERS


@pytest.mark.needs_terraform
def test_terraform_finds_nothing_to_format_in_the_bases() -> None:
    folder = Path(__file__).parent / "base"
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-recursive", folder],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_a_mutation_reads_as_it_looks() -> None:
    text = 'base: b\nfile: main.tf\nat: x.tf: key = "a: b"\n- one {\n-   two\n-\n+ 1\n'

    mutation = parse(text)

    assert mutation == Mutation("b", "main.tf", "one {\n  two\n", "1", ("x.tf", 'key = "a: b"'))
    assert mutation.size == (4, 13)
    assert mutation.mutant({"main.tf": "  one {\n  two\n}\n"}) == {"main.tf": "  1}\n"}


def test_text_alone_goes_to_the_end_of_a_file_or_makes_one() -> None:
    mutation = parse("base: b\nfile: a.tf\n+ x\n+\n+   y\n")

    assert mutation.mutant({"a.tf": "w\n"}) == {"a.tf": "w\nx\n\n  y\n"}
    assert mutation.mutant({"b.tf": "w\n"}) == {"b.tf": "w\n", "a.tf": "x\n\n  y\n"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file: a\n- x", 'needs "base: "'),
        ("base: b\nfile: a\nwhere: c\n- x", "where"),
        ("base: b\nfile: a\n+ x\n- y", "one edit"),
        ("base: b\nfile: a\n- y\n\n+ x", "neither"),
        ("base: b\nfile: a\n-y\n", "neither"),
        ("base: b\nfile: a\nat: a\n- y", "needs a file and a text"),
        ("base: b\nfile: a\n- y\n+ y", "changes nothing"),
        ("base: b\nfile: a\n", "changes nothing"),
    ],
)
def test_a_misspelt_mutation_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.parametrize("text", ["x\nx\n", "y\n"])
def test_an_edit_that_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must stand once in a\.tf"):
        parse("base: b\nfile: a.tf\n- x\n").mutant({"a.tf": text})


def test_a_finding_elsewhere_is_not_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation = parse('base: docker-byok\nfile: codex.tf\n- "responses"\n+ "chat"\n')
    before = base_files(mutation.base)
    mutant = mutation.mutant(before)
    [finding] = findings(tmp_path, mutant, monkeypatch)

    assert mutation.is_reported(finding, mutant, before["codex.tf"])
    assert not mutation.is_reported(finding, mutant, '"responses"')
    for at in ("codex.tf: model_provider = ", "main.tf: required_version"):
        stated = parse(f'base: docker-byok\nfile: codex.tf\nat: {at}\n- "responses"\n+ "chat"\n')
        assert not stated.is_reported(finding, mutant, before["codex.tf"])
