"""The wheel installs one package, brings the templates along, and works anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.command import ROOT
from tests.support.tree import read_tree


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_it_has_one_top_level_package_and_every_template_file(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"provisioner"}
    for asset in ("templates", "modules"):
        expected = {f"provisioner/_assets/{asset}/{name}" for name in read_tree(ROOT / asset)}
        assert expected <= set(names)
    migrations = (ROOT / "provisioner/gateway/record/migrations").rglob("*.py")
    assert {path.relative_to(ROOT).as_posix() for path in migrations} <= set(names)
    assert "provisioner/gateway/record/tables.sql" in names
    for kind in ("templates", "static"):
        folder = f"provisioner/gateway/dashboard/{kind}"
        assert {f"{folder}/{name}" for name in read_tree(ROOT / folder)} <= set(names)


def test_render_and_validate_work_from_an_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    spec = tmp_path / "provisioner.toml"
    spec.write_text('flow = "byok"\n')

    for arguments in (["render", "-o", "out"], ["validate", "out"]):
        subprocess.run(
            [sys.executable, "-m", "provisioner", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
            check=True,
            capture_output=True,
        )

    expected = read_tree(ROOT / "tests/golden/docker-byok/expected")
    rendered = read_tree(tmp_path / "out")
    assert {name: rendered[name] for name in expected} == expected
