"""Every command that README.md and docs/ show runs, and prints what they say it prints."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from provisioner.gateway.record.opened import open_database
from tests.support.command import ROOT
from tests.support.page_commands import blocks, commands, comparable

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Its commands need a deployment: test_coder_page.py.
WITHOUT_DEPLOYMENT = [page for page in PAGES if page.name != "coder.md"]
# Runs everything that this test is part of, or goes on until it is stopped.
MENDS = ("--fix", "--baseline")
NOT_HERE = (
    "PROVISIONER_GATEWAY_DATABASE=",
    "make ",
    "provisioner gateway serve",
    # Needs a gateway's records: tests/e2e/test_gateway_budgets.py runs it on some.
    "provisioner gateway budget",
    # As above: tests/e2e/test_gateway_access.py and test_shared_providers.py.
    "provisioner gateway usage --format access",
    "provisioner access resolve --profile review --usage",
    'curl "$URL',
    "coder ",
    "kubectl ",
    "pip install",
    "podman ",
)


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A folder as a user of the checkout has it, with a template that is broken."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    # A gateway was there before: no command makes its database in its place.
    open_database(tmp_path / "state/provisioner/gateway", None).close()
    broken = tmp_path / "broken"
    broken.mkdir()
    golden = ROOT / "tests/golden/docker-chatgpt/expected"
    text = (golden / "codex.tf").read_text(encoding="utf-8")
    (broken / "codex.tf").write_text(text.replace('wire_api = "responses"', 'wire_api = "chat"'))
    shutil.copy(golden / "main.tf", broken)
    return tmp_path


@pytest.mark.needs_codex
@pytest.mark.parametrize("page", WITHOUT_DEPLOYMENT, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, user: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(user / "state"), "PYTHONPATH": str(ROOT)}
    for kind, text in blocks(page):
        for command, shown in commands(kind, text):
            if command.startswith(NOT_HERE):
                continue
            assert shlex.split(command)[0] in {"provisioner", "curl", "cat"}, command
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=user,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            is_bad = "broken" in command and not any(word in command for word in MENDS)
            assert done.returncode == (1 if is_bad else 0), (command, done.stderr)
            printed = comparable(done.stdout)
            assert [line for line in comparable(shown) if line not in printed] == [], done.stdout


def test_the_readme_is_short_and_shows_input_command_and_output_first() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 120
    assert "```toml" in lines[:25]
    assert "```console" in lines[:25]


def test_the_spec_it_shows_is_the_example() -> None:
    shown = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    example = (ROOT / "examples/chatgpt.toml").read_text()

    assert shown is not None
    assert shown[1] == "".join(line for line in example.splitlines(True) if line[0] != "#")


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)
