"""The commands of docs/coder.md, one after another, at one deployment."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from provisioner.coder_api.archive import LIMIT
from tests.support.coder_server import coder_server
from tests.support.coder_world import environment
from tests.support.command import ROOT
from tests.support.page_commands import blocks, commands, comparable

PAGE = ROOT / "docs/coder.md"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def test_they_run_and_print_what_the_page_shows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    ran = []
    with coder_server() as server:
        for kind, text in blocks(PAGE):
            for command, shown in commands(kind, text):
                if command.startswith("export CODER_"):
                    continue
                assert command.startswith("provisioner "), command
                done = subprocess.run(
                    ["sh", "-c", command],
                    cwd=tmp_path,
                    env=environment(server),
                    capture_output=True,
                    text=True,
                    check=False,
                    stdin=subprocess.DEVNULL,
                )
                said = ID.sub("ID", done.stdout.replace(server.url, "https://coder.example.com"))
                printed = comparable(said)
                assert done.returncode == 0, (command, done.stderr)
                assert [line for line in comparable(shown) if line not in printed] == [], said
                ran.append(command.split()[2])
        (workspace,) = server.state.workspaces.values()

    assert set(ran) == {
        "check",
        "examples/chatgpt.toml",
        "push",
        "create",
        "stop",
        "start",
        "status",
    }
    assert workspace.latest.version.name == "first"


def test_the_numbers_it_names_are_those_of_the_code() -> None:
    assert LIMIT == 1 << 20
    assert "Coder takes up to 1 MiB" in PAGE.read_text(encoding="utf-8")
