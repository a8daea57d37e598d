"""The `provisioner` command at a test's own Coder: who it is, what it pushes, when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.coder_server import SECONDS, CoderServer, Fault

__all__ = ["MINIMAL", "CoderWorld", "run_at", "start_at"]

MINIMAL = """
terraform {
  required_version = ">= 1.9"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.0"
    }
  }
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "terraform_data" "workspace" {
  count = data.coder_workspace.me.start_count
  input = coder_agent.main.token
}
"""


def environment(server: CoderServer, **more: str) -> dict[str, str]:
    known = {
        "CODER_URL": server.url,
        "CODER_SESSION_TOKEN": server.state.session_token,
        "CODER_CONFIG_DIR": "/nonexistent",
    }
    return {**os.environ, **known, **more}


def start_at(
    server: CoderServer, *arguments: str | Path, cwd: Path, **more: str
) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "provisioner", "coder", *map(str, arguments)],
        cwd=cwd,
        env=environment(server, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_at(
    server: CoderServer, *arguments: str | Path, cwd: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    process = start_at(server, *arguments, cwd=cwd, **more)
    out, err = process.communicate(timeout=4 * SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class CoderWorld:
    """A command under way that is interrupted where a fault is reached."""

    def __init__(self, process: subprocess.Popen[str], fault: Fault) -> None:
        self.process, self.fault = process, fault

    def interrupt(self, sign: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Send a real signal there, open the gate, and return exit code, output and errors."""
        assert self.fault.reached.wait(SECONDS), self.process.communicate()
        self.process.send_signal(sign)
        return self.rest()

    def rest(self) -> tuple[int, str, str]:
        """Open the gate once the signal has been seen, and wait for the end."""
        if self.fault.gate is not None:
            self.fault.gate.set()
        out, err = self.process.communicate(timeout=4 * SECONDS)
        return self.process.returncode, out, err
