"""Start-up is part of the interface: what a command does not use, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click import Context, Group

from provisioner import __version__
from provisioner.cli.program import program
from provisioner.gateway.management.routes import ROUTES
from tests.support.command import ROOT, provisioner
from tests.support.gateway_api import ask
from tests.support.gateway_server import gateway_process, post

HANDLERS = {f"provisioner.gateway.management.{route.name.partition('.')[0]}" for route in ROUTES}
LATE = HANDLERS | {
    "alembic",
    "jinja2",
    "provisioner.gateway.dashboard.web",
    "provisioner.gateway.dialects.langwatch",
    "provisioner.gateway.policy.budgets",
    "provisioner.gateway.policy.key_policy",
    "provisioner.gateway.router.state",
    "provisioner.gateway.shared_state",
    "provisioner.gateway.stored_providers",
    "provisioner.gateway.token_check",
    "provisioner.gateway.translate.apis",
    "provisioner.gateway.upstreams.http",
    "provisioner.gateway.websocket",
    "provisioner.router_file.file",
    "sqlalchemy",
}
"""What most gateways never need, or not at first."""
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


def modules_of_a_gateway(folder: Path, *more: str) -> set[str]:
    """Return what a gateway on a new state imports that answers a question, and to `more`."""
    told = folder / "modules"
    module = ("tests.support.modules_told", str(told))
    with gateway_process(folder / "state", program=module) as (process, gateway):
        path = "/api/v2/aibridge/openai/v1/responses"
        assert post(gateway, {"model": "m", "stream": True, "input": "hello"}, path).status == 200
        for path in more:
            assert ask(gateway, path).status in {200, 401}
        process.terminate()
        assert process.wait(60) == 0
    return set(told.read_text().splitlines())


def test_a_gateway_imports_what_its_configuration_asks_for(tmp_path: Path) -> None:
    modules = modules_of_a_gateway(tmp_path, "/healthz", "/readyz", "/metrics")

    assert {"aiohttp", "provisioner.gateway.dialects.coder"} <= modules
    assert LATE & modules == set()


def test_what_people_look_at_is_imported_when_they_do(tmp_path: Path) -> None:
    modules = modules_of_a_gateway(tmp_path, "/api/v2/aibridge/sessions", "/ui")

    assert {"provisioner.gateway.dashboard.web", "jinja2"} <= modules
    assert HANDLERS & modules == {
        f"provisioner.gateway.management.{name}" for name in ("session_detail", "sessions")
    }


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
