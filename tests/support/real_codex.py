"""Runs of the real Codex against a gateway on loopback, each in a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from provisioner.launch.codex_install import install_codex

__all__ = ["CodexRun", "codex_exec"]

_CONFIG = """\
model = "gpt-5.5"
model_provider = "ai_gateway"
[model_providers.ai_gateway]
name = "AI gateway"
base_url = "{url}"
env_key = "GATEWAY_TOKEN"
request_max_retries = {retries}
stream_max_retries = {retries}
stream_idle_timeout_ms = {idle_ms}
[features]
plugins = false
apps = false
[analytics]
enabled = false
"""


@dataclass(frozen=True)
class CodexRun:
    """How a run ended; `errors` are the texts of its ERROR lines, in order."""

    status: int
    stdout: str
    stderr: str

    @property
    def errors(self) -> list[str]:
        marked = (line.partition("ERROR: ") for line in self.stderr.splitlines())
        return [said for start, mark, said in marked if mark and not start]


def codex_exec(
    version: str,
    folder: Path,
    url: str,
    token: str,
    *options: str,
    retries: int = 0,
    idle_ms: int = 20_000,
    seconds: float = 60,
    files: Mapping[str, str] = MappingProxyType({}),
) -> CodexRun:
    """Ask the Codex of `version` "hello" through the base URL `url`; it works in `folder`.

    `files` are put beside its config.toml.
    """
    home = folder / "home"
    work = folder / "work"
    for path in (home, work):
        path.mkdir(parents=True)
    config = _CONFIG.format(url=url, retries=retries, idle_ms=idle_ms)
    (home / "config.toml").write_text(config)
    for name, text in files.items():
        (home / name).write_text(text)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(home),
        "CODEX_HOME": str(home),
        "GATEWAY_TOKEN": token,
    }
    command = [str(install_codex(version)), "exec", "--skip-git-repo-check", *options, "hello"]
    with subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # The launcher is a parent of the real program: both must end.
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return CodexRun(process.returncode, stdout, stderr)
