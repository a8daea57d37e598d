"""Without the extra the gateway commands say what to install."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from provisioner.cli.program import program
from provisioner.errors import MissingToolError
from provisioner.gateway.extra import need_extra


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    need_extra()
    monkeypatch.setattr("provisioner.gateway.extra._PACKAGES", ("aiohttp", "no_such_package"))

    with pytest.raises(
        MissingToolError, match=r"needs no_such_package; .*codex-provisioner\[gateway\]"
    ):
        need_extra()


@pytest.mark.parametrize("arguments", [["serve"], ["token", "create"], ["session", "list"]])
def test_every_command_asks_first(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr("provisioner.gateway.extra._PACKAGES", ("no_such_package",))

    result = CliRunner().invoke(program, ["gateway", *arguments])

    assert result.exit_code == 2
    assert "pip install 'codex-provisioner[gateway]'" in result.output
    assert "Traceback" not in result.output
    assert sys.modules.get("no_such_package") is None
