"""The list of commands, beside what real Codex lists."""

from __future__ import annotations

import re
import subprocess

import pytest

from provisioner.knowledge.codex_commands import codex_command
from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version
from provisioner.launch.codex_install import install_codex

pytestmark = pytest.mark.needs_codex


@pytest.mark.parametrize("version", ["0.122.0", "0.169.0"])
def test_codex_lists_the_commands_that_are_known(version: str) -> None:
    told = subprocess.run(
        [install_codex(version), "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = told.partition("Commands:")[2].partition("Arguments:")[0]
    listed = set(re.findall(r"^  ([a-z][a-z-]*) ", commands, re.MULTILINE))

    rows = toml_data("codex_commands.toml")["commands"]
    known = {
        name
        for name, row in rows.items()
        if not row.get("hidden") and codex_command(name, Version.parse(version))
    }
    assert listed == known
