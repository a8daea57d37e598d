"""Start-up is part of the interface: what a command does not use, it does not import."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click import Context, Group

from provisioner import __version__
from provisioner.cli.program import program
from tests.support.command import ROOT, provisioner

SLOW = {
    "pydantic",
    "tree_sitter",
    "tree_sitter_hcl",
    "jinja2",
    "aiohttp",
    "alembic",
    "asyncpg",
    "prometheus_client",
    "httpx",
    "sqlalchemy",
    "pygohcl",
    "rich",
}


def imported_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "provisioner", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["gateway", "serve", "--help"]])
def test_nothing_slow_is_imported(arguments: list[str]) -> None:
    modules = imported_by(*arguments)

    assert "click" in modules
    assert SLOW & modules == set()


def test_the_version_is_the_packages() -> None:
    assert provisioner("--version").stdout == f"provisioner, version {__version__}\n"


def test_every_command_has_help_with_an_example() -> None:
    def commands(group: Group, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
        found = []
        for name in group.list_commands(Context(group)):
            command = group.get_command(Context(group), name)
            assert command is not None
            if isinstance(command, Group):
                found += commands(command, (*path, name))
            else:
                found.append(((*path, name), command.help or ""))
        return found

    listed = commands(program, ())
    assert len(listed) >= 10
    for path, text in listed:
        assert "provisioner " + " ".join(path) in text, path
