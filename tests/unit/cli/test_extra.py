"""Without an extra, the commands that need it say what to install."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.extra import need_extra
from provisioner.cli.program import program
from provisioner.errors import MissingToolError
from tests.support.command import ROOT

GATEWAY = [
    ["gateway", "serve"],
    ["gateway", "token", "create"],
    ["gateway", "session", "list"],
    ["prove"],
]


def hide(monkeypatch: pytest.MonkeyPatch, *hidden: str) -> None:
    """Let these packages not be there."""
    monkeypatch.setattr(
        "provisioner.cli.extra.find_spec", lambda name: None if name in hidden else name
    )


@pytest.mark.parametrize(
    ("extra", "module", "package"),
    [("gateway", "yaml", "pyyaml"), ("terraform", "grpc", "grpcio")],
)
def test_a_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, extra: str, module: str, package: str
) -> None:
    need_extra(extra)
    hide(monkeypatch, module)

    with pytest.raises(
        MissingToolError, match=rf" needs {package}; .*codex-provisioner\[{extra}\]"
    ):
        need_extra(extra)


@pytest.mark.parametrize("extra", ["gateway", "terraform"])
def test_what_is_looked_for_is_what_is_declared(
    monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packages = declared["optional-dependencies"][extra]
    # What not every system has is done without where it is missing.
    wanted = [item.partition(">")[0] for item in packages if ";" not in item]
    monkeypatch.setattr("provisioner.cli.extra.find_spec", lambda _: None)

    with pytest.raises(MissingToolError, match=f" needs {', '.join(wanted)}; "):
        need_extra(extra)


@pytest.mark.parametrize("arguments", GATEWAY, ids=" ".join)
def test_every_command_of_the_gateway_asks_first(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    hide(monkeypatch, "aiohttp")

    result = CliRunner().invoke(program, arguments)

    assert result.exit_code == 2
    assert "pip install 'codex-provisioner[gateway]'" in result.output
    assert "Traceback" not in result.output


def test_terraform_is_not_asked_without_its_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text("locals {}\n")
    hide(monkeypatch, "grpc")
    monkeypatch.delitem(sys.modules, "provisioner.terraform.added", raising=False)

    result = CliRunner().invoke(program, ["validate", "--terraform", str(tmp_path)])

    assert result.exit_code == 2
    assert "pip install 'codex-provisioner[terraform]'" in result.output
    assert "provisioner.terraform.added" not in sys.modules
