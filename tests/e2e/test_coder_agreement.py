"""Real Terraform, with Coder's schema, finds no error in a template that we do not find there too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioner.finding import Severity
from provisioner.terraform.check import terraform_findings, terraform_ready
from provisioner.validate.run import validate
from provisioner.validate.workspace import Workspace
from tests.support.command import ROOT
from tests.support.terraform_mutants import Mutant, mutants
from tests.support.tree import write_tree

pytestmark = pytest.mark.needs_terraform

TEMPLATES = sorted((ROOT / "tests" / "golden").glob("*/expected"))
COUNT = 150


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.parent.name)
def test_terraform_is_content_with_what_is_rendered(template: Path) -> None:
    with terraform_ready(template) as environment:
        assert terraform_findings(template, environment) == []


def _without_others(path: Path) -> str:
    """Leave out what only the schema of another provider can judge."""
    source = path.read_text(encoding="utf-8")
    for block in reversed(Workspace.read({path.name: source.encode()}).top_blocks):
        if block.type in {"data", "resource"} and not block.names[0].startswith("coder_"):
            source = source[: block.start] + source[block.end :]
    return source


def _errors(folder: Path) -> set[tuple[str, int]]:
    with terraform_ready(folder) as environment:
        found = terraform_findings(folder, environment)
    return {(item.path, item.span.start.line) for item in found if item.severity is Severity.ERROR}


def _not_found(folder: Path, mutant: Mutant) -> list[str]:
    write_tree(folder, mutant.files)
    ours = {(item.path, item.span.start.line) for item in validate([folder]).findings}
    return [
        f"{mutant.change}: {path}:{line}"
        for path, line in _errors(folder) - ours
        # Without a place, it is about what has one in our findings.
        if not (path == folder.as_posix() and ours)
    ]


def test_what_terraform_finds_in_mutants_is_found(tmp_path: Path) -> None:
    bases = [
        {path.name: _without_others(path) for path in template.glob("*.tf")}
        for template in TEMPLATES
        if not (template / "modules").exists()
    ]
    folders = [tmp_path / f"m{number}" for number in range(COUNT)]
    with ThreadPoolExecutor(2) as pool:
        missed = pool.map(_not_found, folders, mutants(COUNT, 1, bases))
        assert [text for texts in missed for text in texts] == []
