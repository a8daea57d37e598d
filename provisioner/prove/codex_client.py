"""The real Codex CLI as the client of a proof."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from provisioner.knowledge.codex import codex_release
from provisioner.launch.codex_install import install_codex, installed_codex
from provisioner.launch.private_home import PrivateHome
from provisioner.launch.run_codex import run_codex
from provisioner.plan.model import Plan
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials
from provisioner.prove.gateway_process import RunningGateway
from provisioner.prove.scenario import Scenario
from provisioner.render.codex_config import config_files

__all__ = ["CodexClient"]

_DEADLINE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CodexClient:
    """Codex of one version, in a private home that holds the config under proof."""

    version: str
    name = "codex"

    @property
    def needs_install(self) -> bool:
        """Whether this version is not in the cache yet."""
        return installed_codex(self.version) is None

    def prepare(self) -> None:
        """Install this version if it is not in the cache."""
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
        """Run one prompt in `folder`, and return what came of it."""
        home = PrivateHome(folder / "home")
        files = config_files(plan.codex, gateway.url_for(plan.gateway_kind))
        if credentials.auth_json:
            files["auth.json"] = credentials.auth_json
        home.write(files)
        work = folder / "work"
        work.mkdir()
        launcher = install_codex(self.version)
        if credentials.key_to_store:
            login = run_codex(
                launcher,
                ["login", "--with-api-key"],
                environment=home.environment({}),
                deadline=_DEADLINE_SECONDS,
                stdin=credentials.key_to_store,
            )
            if login.exit_code != 0:
                return ClientRun(login.exit_code, login.stdout, login.stderr, login.seconds, "")
        run = run_codex(
            launcher,
            self._arguments(gateway, scenario, work),
            environment=home.environment(credentials.environment),
            deadline=_DEADLINE_SECONDS,
        )
        written = work / scenario.file_name
        return ClientRun(
            exit_code=run.exit_code,
            answer=run.stdout,
            log=run.stderr,
            seconds=run.seconds,
            file_written=written.read_text(encoding="utf-8") if written.exists() else "",
        )

    def _arguments(self, gateway: RunningGateway, scenario: Scenario, work: Path) -> list[str]:
        arguments = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "-C", str(work)]
        if scenario.profile:
            arguments += ["-p", scenario.profile]
        release = codex_release(self.version)
        # Where Codex warns of a setting it ignores, the run is one as users have it.
        if release.has("strict_config_flag") and not release.has("unknown_key_warning"):
            arguments.append("--strict-config")
        # These keep a proof off the network; none of them touches the provider under proof.
        for override in (
            "features.plugins=false",
            "features.apps=false",
            "analytics.enabled=false",
            f'chatgpt_base_url="{gateway.url}/backend-api"',
        ):
            arguments += ["-c", override]
        return [*arguments, scenario.prompt]
