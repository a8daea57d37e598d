"""The app that opens Codex: it finds Codex where the module of the spec has put it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.plan.model import Plan
from provisioner.render.template import render
from provisioner.syntax.hcl_values import hcl_values
from tests.support.specs import plan_for

FOUR = {"target": {"codex_module": "~> 4.3"}}
CODEX = '#!/bin/sh\necho "codex of $0 in $PWD with ${NODE-no node}"\n'


def app(plan: Plan) -> dict[str, str]:
    found = hcl_values(render(plan)["codex.tf"].decode())["resource"]["coder_app"]
    assert list(found) == ["codex"]
    return dict(found["codex"])


def program(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(CODEX, encoding="utf-8")
    path.chmod(0o755)


def opened(plan: Plan, home: Path) -> str:
    """Open the app in a shell that has read no profile, which is how an agent runs it."""
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-c", app(plan)["command"]],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def plan_in(work: Path, **tables: object) -> Plan:
    return plan_for("centralized", codex={"workdir": str(work)}, **tables)


def test_the_codex_of_a_release_that_downloads_it(tmp_path: Path) -> None:
    program(tmp_path / ".local/bin/codex")

    said = opened(plan_in(tmp_path), tmp_path)

    assert said == f"codex of {tmp_path}/.local/bin/codex in {tmp_path} with no node\n"


def test_the_codex_that_npm_installed_beside_its_prefix(tmp_path: Path) -> None:
    program(tmp_path / ".npm-global/bin/codex")

    said = opened(plan_in(tmp_path, **FOUR), tmp_path)

    assert said == f"codex of {tmp_path}/.npm-global/bin/codex in {tmp_path} with no node\n"


def test_the_codex_in_the_node_of_nvm(tmp_path: Path) -> None:
    node = tmp_path / ".nvm/versions/node/v24.0.0/bin"
    program(node / "codex")
    script = f'export NODE=v24\nPATH="{node}:$PATH"\nfalse\n'
    (tmp_path / ".nvm/nvm.sh").write_text(script, encoding="utf-8")

    said = opened(plan_in(tmp_path, **FOUR), tmp_path)

    assert said == f"codex of {node}/codex in {tmp_path} with v24\n"


def test_the_app_is_told_from_the_one_of_the_module() -> None:
    ours, beside = app(plan_for("centralized")), app(plan_for("centralized", **FOUR))

    assert (ours["slug"], ours["display_name"]) == ("codex", "Codex")
    assert (beside["slug"], beside["display_name"]) == ("codex-terminal", "Codex terminal")


def test_a_template_with_two_agents_is_refused_where_the_module_serves_one(tmp_path: Path) -> None:
    (tmp_path / "template.toml").write_text('agents = ["main", "gpu"]\n', encoding="utf-8")
    (tmp_path / "main.tf").write_text("", encoding="utf-8")
    folder = {"folder": str(tmp_path)}

    with pytest.raises(InputError, match=r"gives Codex to main and gpu, and .* name one in"):
        render(plan_for("centralized", template=folder, **FOUR))
    one = render(plan_for("centralized", template={**folder, "agents": ["gpu"]}, **FOUR))
    assert b'slug         = "codex-terminal"' in one["codex.tf"]


def test_an_app_that_is_opened_early_waits_for_codex(tmp_path: Path) -> None:
    command = app(plan_in(tmp_path))["command"]
    with subprocess.Popen(
        ["sh", "-c", command],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "Waiting until Codex is installed ...\n"
        program(tmp_path / ".local/bin/codex")

        assert waiting.stdout.readline().startswith(f"codex of {tmp_path}/.local/bin/codex in")


def test_a_task_is_begun_once(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, template={"ai_task": True})
    program(tmp_path / ".local/bin/codex")
    (tmp_path / ".local/bin/codex").write_text('#!/bin/sh\necho "$# $*"\n', encoding="utf-8")
    found = hcl_values(render(plan)["codex.tf"].decode())["resource"]["coder_app"]["codex"]

    def open_app() -> str:
        return subprocess.run(
            ["sh", "-c", found["command"]],
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "CODEX_TASK_PROMPT": "-say 'it'"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert [open_app(), open_app()] == ["2 -- -say 'it'\n", "0 \n"]
