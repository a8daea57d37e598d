"""The real Codex in a home that modules/codex prepared, as the client of a proof."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.launch.codex_install import install_codex
from provisioner.launch.run_codex import run_codex
from provisioner.plan.model import Plan
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials
from provisioner.prove.gateway_process import RunningGateway
from provisioner.prove.scenario import Scenario
from provisioner.render.codex_config import config_files
from tests.support.codex_module import planned, script_with, start, start_environment

__all__ = ["VERSION", "ModuleClient", "image_with_codex", "snapshot"]

VERSION = "0.169.0"
DEADLINE = 60.0


def image_with_codex(folder: Path, version: str = VERSION) -> Path:
    """Make a folder for PATH that holds the real Codex of `version` and nothing else."""
    folder.mkdir(parents=True)
    (folder / "codex").symlink_to(install_codex(version))
    return folder


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and content of the files in `folder`, those of running Codex left out."""
    return {
        path.name: (path.stat().st_mode & 0o777, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
        if path.is_file() and path.suffix in {".toml", ".before-provisioner", ".json"}
    }


@dataclass
class ModuleClient:
    """Starts the workspace twice, then runs Codex with `--strict-config`.

    `files` are in the user's ~/.codex before; with `planned_by_terraform` the script and the
    variables come from a plan of their own, and not from a plan with other settings put in.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    planned_by_terraform: bool = False
    release: Mapping[str, str] = field(default_factory=dict)
    """Settings of an archive to install Codex from, in place of the Codex of the image."""
    after: dict[str, str] = field(default_factory=dict)
    """Text of the files in ~/.codex after the starts."""
    log: str = ""
    name = "codex"
    version = VERSION
    needs_install = False

    def prepare(self) -> None:
        install_codex(VERSION)

    def run(
        self,
        plan: Plan,
        gateway: RunningGateway,
        credentials: Credentials,
        scenario: Scenario,
        *,
        folder: Path,
    ) -> ClientRun:
        home, work = folder / "home", folder / "work"
        codex_home = home / ".codex"
        codex_home.mkdir(parents=True)
        for name, text in self.files.items():
            (codex_home / name).write_bytes(text.encode())
        script, variables = self._planned(plan, gateway, credentials, work)
        bins = home / ".local/bin" if self.release else image_with_codex(folder / "image")
        self._start_twice(script, home, bins, variables)
        if credentials.auth_json:
            (codex_home / "auth.json").write_text(credentials.auth_json)
        run = run_codex(
            bins / "codex",
            self._arguments(gateway, scenario, work),
            environment=start_environment(home, bins, **variables),
            deadline=DEADLINE,
        )
        self.after = {path.name: path.read_bytes().decode() for path in codex_home.glob("*.toml*")}
        written = work / scenario.file_name
        content = written.read_text(encoding="utf-8") if written.exists() else ""
        return ClientRun(run.exit_code, run.stdout, run.stderr, run.seconds, content)

    def _planned(
        self, plan: Plan, gateway: RunningGateway, credentials: Credentials, work: Path
    ) -> tuple[str, dict[str, str]]:
        files = config_files(plan.codex, gateway.url_for(plan.gateway_kind))
        base = files.pop("config.toml")
        profiles = {name.removesuffix(".config.toml"): text for name, text in files.items()}
        variables = {name: secret.reveal() for name, secret in credentials.environment.items()}
        key = credentials.key_to_store.reveal()
        login_env = "OPENAI_API_KEY" if key else ""
        if key:
            variables[login_env] = key
        if not self.planned_by_terraform:
            settings = {
                "BASE_CONFIG": base,
                "WORKDIR": str(work),
                "CREDENTIAL": plan.credential.name,
                "LOGIN_ENV": login_env,
                **self.release,
            }
            return script_with(profiles, **settings), variables
        changes = planned(
            install_source="image",
            base_config_toml=base,
            profiles=profiles,
            workdir=str(work),
            credential=plan.credential.name,
            login_env=login_env,
            environment=variables,
        )
        script = changes.pop("coder_script.codex")["after"]["script"]
        assert all(change["after_sensitive"]["value"] for change in changes.values())
        values = [change["after"] for change in changes.values()]
        return script, {value["name"]: value["value"] for value in values}

    def _start_twice(
        self, script: str, home: Path, bins: Path, variables: Mapping[str, str]
    ) -> None:
        first = start(script, home, bins, **variables)
        assert first.returncode == 0, first.stdout + first.stderr
        seen = snapshot(home / ".codex")
        second = start(script, home, bins, **variables)
        assert second.returncode == 0, second.stdout + second.stderr
        assert snapshot(home / ".codex") == seen
        assert {mode for mode, _, _ in seen.values()} == {0o600}
        self.log = first.stdout + second.stdout
        logs = home / ".coder-modules/provisioner/codex/logs"
        assert {path.stat().st_mode & 0o777 for path in [*logs.iterdir(), logs]} == {0o600, 0o700}
        kept = "".join(path.read_text() for path in logs.iterdir())
        assert [text for text in variables.values() if text in self.log + kept + script] == []

    def _arguments(self, gateway: RunningGateway, scenario: Scenario, work: Path) -> list[str]:
        arguments = ["exec", "--strict-config", "--skip-git-repo-check"]
        arguments += ["-s", "danger-full-access", "-C", os.fspath(work)]
        if scenario.profile:
            arguments += ["-p", scenario.profile]
        for override in (
            "features.plugins=false",
            "features.apps=false",
            "analytics.enabled=false",
            f'chatgpt_base_url="{gateway.url}/backend-api"',
        ):
            arguments += ["-c", override]
        return [*arguments, scenario.prompt]
