"""`provisioner validate` and `terraform validate` find the same errors in the same lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioner.finding import Severity
from provisioner.validate.run import validate
from tests.support.terraform import run
from tests.support.terraform_mutants import Mutant, bases, mutants
from tests.support.tree import write_tree

pytestmark = pytest.mark.needs_terraform

COUNT = 240
Line = tuple[str, int]


def lines_of_terraform(folder: Path) -> set[Line] | None:
    """Return file and line of each error; one without a line has line 0. None: all is well."""
    report = json.loads(run(folder, "validate", "-json").stdout)
    found = set()
    for diagnostic in report["diagnostics"]:
        if diagnostic["severity"] == "error":
            place = diagnostic.get("range") or {"filename": "", "start": {"line": 0}}
            found.add((place["filename"], place["start"]["line"]))
    return None if report["valid"] else found


def lines_of_ours(folder: Path) -> dict[Line, str]:
    found = {}
    for finding in validate([folder]).findings:
        if finding.severity is Severity.ERROR:
            path = Path(finding.path).relative_to(folder).as_posix()
            found[path, finding.span.start.line] = f"{finding.code} {finding.message}"
    return found


def plan_fails(folder: Path) -> bool:
    """Say whether Terraform sees later what it let pass.

    It does not look into a `for` over what is not known yet, nor for instances of what does not
    exist yet.
    """
    return run(folder, "plan", "-input=false", "-lock=false").returncode == 1


def disagreement(folder: Path) -> Iterator[str]:
    said, ours = lines_of_terraform(folder), lines_of_ours(folder)
    if said is None and ours and not plan_fails(folder):
        yield from (f"only ours: {path}:{line} {text}" for (path, line), text in ours.items())
    for path, line in said or ():
        if (path, line) not in ours and not (line == 0 and ours):
            yield f"only Terraform: {path}:{line}"


def judged(folder: Path, mutant: Mutant) -> list[str]:
    write_tree(folder, mutant.files)
    return [f"{mutant.change}: {text}" for text in disagreement(folder)]


@pytest.mark.parametrize("number", range(len(bases())))
def test_both_are_content_with_the_bases(tmp_path: Path, number: int) -> None:
    assert judged(tmp_path, Mutant("nothing", bases()[number])) == []


def test_both_find_the_same_errors_in_mutants(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        folders = [tmp_path / f"m{number}" for number in range(COUNT)]
        found = list(pool.map(judged, folders, mutants(COUNT, seed=1)))

    assert [text for texts in found for text in texts] == []
