"""Each folder here is a spec and the template it must render to, byte for byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provisioner.assets import template_names
from provisioner.flows import FLOWS
from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.render.write import MANIFEST
from provisioner.spec.load import load
from provisioner.validate.run import validate
from tests.support.command import ROOT

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/spec.toml"))
MODULE = ROOT / "modules" / "codex"
VENDORED = "modules/codex/"


def rendered(case: Path) -> dict[str, bytes]:
    """Return what stands in the golden: there the bundled module is a link to ours."""
    files = render(resolve(load(case / "spec.toml")))
    assert all(
        content == (MODULE / name.removeprefix(VENDORED)).read_bytes()
        for name, content in files.items()
        if name.startswith(VENDORED)
    )
    assert any(name.startswith(VENDORED) for name in files) == (case / "expected/modules").exists()
    return {name: content for name, content in files.items() if not name.startswith(VENDORED)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_spec_renders_to_the_golden(case: Path, request: pytest.FixtureRequest) -> None:
    files, folder = rendered(case), case / "expected"
    if request.config.getoption("--update-goldens"):
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)

    expected = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(VENDORED)
    }
    assert files == expected
    assert MANIFEST not in files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_golden_validates_clean(case: Path) -> None:
    assert validate([case / "expected"]).findings == ()


@pytest.mark.needs_terraform
def test_terraform_finds_nothing_to_format() -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-recursive", HERE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_every_template_flow_and_module_source_has_a_golden() -> None:
    wanted = {
        f"{template}-{flow.name}{source}"
        for template in template_names()
        for flow in FLOWS
        for source in ("", "-bundled")
    }
    assert wanted <= {case.name for case in CASES}
