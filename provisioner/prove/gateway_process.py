"""The reference gateway as a process of its own, as users start it, for the length of a proof."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provisioner.errors import GatewayError
from provisioner.gateway_kinds.base import GatewayKind
from provisioner.redact import Secret

__all__ = ["RunningGateway", "running_gateway"]

_START_SECONDS = 20
_STOP_SECONDS = 10
_PROVIDER = """
[[provider]]
name = "{name}"
type = "openai"
upstream = "scripted"
script = "turns.toml"
"""


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """Where a running gateway is and how to enter."""

    url: str
    token: Secret
    state: Path
    dumps: Path
    """Folder with every request it got, as it came."""

    def url_for(self, kind: GatewayKind) -> str:
        """Return what a spec for `kind` would have as the URL of this gateway."""
        return self.url if kind.base_path else f"{self.url}/v1"


@contextlib.contextmanager
def running_gateway(folder: Path, script: str, kind: GatewayKind) -> Iterator[RunningGateway]:
    """Run a gateway that stands in for `kind` and answers from `script`, its state in `folder`.

    Raises `GatewayError` when it does not get ready. Records are complete once the block ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "turns.toml").write_text(script, encoding="utf-8")
    (folder / "gateway.toml").write_text(_config(kind), encoding="utf-8")
    command = [sys.executable, "-m", "provisioner", "gateway", "serve", "--format", "json"]
    command += ["--config", str(folder / "gateway.toml"), "--state", str(folder / "state")]
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(),
        )
        try:
            yield _ready(process, folder)
        finally:
            _stop(process)


def _config(kind: GatewayKind) -> str:
    dialect = "coder" if kind.is_in_coder else "openai-compatible"
    names = ("openai", "chatgpt") if kind.is_in_coder else ("openai",)
    head = f'dialect = "{dialect}"\ndump_dir = "dumps"\n'
    return head + "".join(_PROVIDER.format(name=name) for name in names)


def _environment() -> dict[str, str]:
    """Ours, plus the folder this package was imported from, so that a checkout works anywhere."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def _ready(process: subprocess.Popen[bytes], folder: Path) -> RunningGateway:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe
    try:
        ready = json.loads(_first_line(process.stdout))
        token = Secret(ready["token"])
    except (queue.Empty, ValueError, KeyError) as error:
        log = folder / "gateway.log"
        said = log.read_text(encoding="utf-8", errors="replace").strip() or "it said nothing"
        raise GatewayError(f"the reference gateway did not start: {said}") from error
    return RunningGateway(ready["url"], token, folder / "state", folder / "dumps")


def _first_line(stream: IO[bytes]) -> bytes:
    """Wait for a line at most `_START_SECONDS`; a pipe has no time limit of its own."""
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
    return lines.get(timeout=_START_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
