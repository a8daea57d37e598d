"""The real Codex in a home that release 4.3.1 of the registry's module prepared, for a proof.

What that release does with its inputs is done here in the same order: it installs nothing, but runs
the scripts it is given, writes config.toml and auth.json and sets the variables.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.launch.codex_install import install_codex
from provisioner.launch.run_codex import run_codex
from provisioner.plan.model import Plan
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials
from provisioner.prove.gateway_process import RunningGateway
from provisioner.prove.scenario import Scenario
from provisioner.render.template import render
from provisioner.syntax.hcl_values import hcl_values

__all__ = ["Module4Client"]

DEADLINE = 60.0
ACCESS_URL = "${data.coder_workspace.me.access_url}"
SERVER = """

# MCP server of the module
[mcp_servers.Coder]
command = "coder"
args = ["exp", "mcp", "server"]
env = { "CODER_MCP_APP_STATUS_SLUG" = "", "CODER_AGENT_URL" = "http://127.0.0.1:9/", "CODER_AGENT_TOKEN" = "agent" }
description = "What the tasks report."
type = "stdio"

"""
GATEWAY = """
[model_providers.aibridge]
name = "AI Bridge"
base_url = "{url}/api/v2/aibridge/openai/v1"
env_key = "CODER_AIBRIDGE_SESSION_TOKEN"
wire_api = "responses"
"""
CODER = '#!/bin/sh\nprintf "%s" "$*" >"$CODER_CALLED"\n'


@dataclass
class Module4Client:
    """Runs Codex of `version`, with the `options` of the command line that are given."""

    version: str
    options: tuple[str, ...] = ()
    log: str = ""
    coder_called_with: str = ""
    name = "codex"
    needs_install = False

    def prepare(self) -> None:
        install_codex(self.version)

    def run(
        self,
        plan: Plan,
        gateway: RunningGateway,
        credentials: Credentials,
        scenario: Scenario,
        *,
        folder: Path,
    ) -> ClientRun:
        home, work, bins = (folder / name for name in ("home", "work", "bin"))
        for place in (home, work, bins):
            place.mkdir()
        (bins / "coder").write_text(CODER, encoding="utf-8")
        (bins / "coder").chmod(0o755)
        called = home / "called"
        reached = dataclasses.replace(plan, gateway_url=gateway.url_for(plan.gateway_kind))
        inputs = hcl_values(render(reached)["codex.tf"].decode())["module"]["codex"]
        environment = {
            "HOME": str(home),
            "PATH": os.pathsep.join([str(bins), os.environ["PATH"]]),
            **{name: secret.reveal() for name, secret in credentials.environment.items()},
            **_prepared(home, inputs, gateway),
        }
        text = (home / ".codex/config.toml").read_text(encoding="utf-8")
        text = text.replace(
            '"CODER_AGENT_TOKEN"', f'"CODER_CALLED" = "{called}", "CODER_AGENT_TOKEN"'
        )
        (home / ".codex/config.toml").write_text(text, encoding="utf-8")
        run = run_codex(
            install_codex(self.version),
            [*self._arguments(gateway, scenario, work), scenario.prompt],
            environment=environment,
            deadline=DEADLINE,
        )
        self.log = run.stderr
        self.coder_called_with = called.read_text(encoding="utf-8") if called.exists() else ""
        written = work / scenario.file_name
        content = written.read_text(encoding="utf-8") if written.exists() else ""
        return ClientRun(run.exit_code, run.stdout, run.stderr, run.seconds, content)

    def _arguments(self, gateway: RunningGateway, scenario: Scenario, work: Path) -> list[str]:
        arguments = ["exec", *self.options, "--skip-git-repo-check"]
        arguments += ["-s", "danger-full-access", "-C", str(work)]
        if scenario.profile:
            arguments += ["-p", scenario.profile]
        for override in (
            "features.plugins=false",
            "features.apps=false",
            "analytics.enabled=false",
            f'chatgpt_base_url="{gateway.url}/backend-api"',
        ):
            arguments += ["-c", override]
        return arguments


def _prepared(home: Path, inputs: Mapping[str, Any], gateway: RunningGateway) -> dict[str, str]:
    """Fill the home as the module does, and return the variables that it sets."""
    codex_home = home / ".codex"
    codex_home.mkdir()
    is_on = inputs.get("enable_aibridge", False)
    key = inputs.get("openai_api_key", "")
    config = inputs["base_config_toml"].rstrip("\n") + "\n" + SERVER
    config += GATEWAY.format(url=gateway.url) if is_on else ""
    assert ACCESS_URL not in config
    (codex_home / "config.toml").write_text(config, encoding="utf-8")
    if inputs["codex_system_prompt"]:
        (codex_home / "AGENTS.md").write_text(inputs["codex_system_prompt"], encoding="utf-8")
    if not is_on:
        (codex_home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": key}))
    if script := inputs.get("post_install_script"):
        subprocess.run(
            ["bash", "-c", script], env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, check=True
        )
    token = {"CODER_AIBRIDGE_SESSION_TOKEN": gateway.token.reveal()} if is_on else {}
    return {"OPENAI_API_KEY": key, **token}
