"""A program that passes for Codex: it says a version and does what a test wants of it."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["chatgpt_auth", "fake_codex", "jwt", "report_of"]

# Writes its arguments, environment and process id as JSON into the file named by its folder.
_REPORTS = """\
import json, os, sys
json.dump(
    {"arguments": sys.argv[1:], "environment": dict(os.environ), "pid": os.getpid(),
     "tty": os.isatty(0), "cwd": os.getcwd()},
    open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "report.json"), "w"),
)
"""


def fake_codex(folder: Path, then: str = "", version: str = "0.169.0") -> Path:
    """Make `codex` in `folder`: it reports how it was called, then runs the Python text `then`.

    With `-` as its last argument it reads its config without fault, as Codex does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "codex.py"
    script.write_text(
        f"{_REPORTS}\n"
        "if sys.argv[-1:] == ['-']:\n"
        "    sys.exit('No prompt provided via stdin.')\n"
        f"{then}\n"
    )
    path = folder / "codex"
    run = f"exec {shlex.quote(sys.executable)} -I {shlex.quote(str(script))}"
    path.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "codex-cli {version}" && exit\n{run} "$@"\n'
    )
    path.chmod(0o755)
    return path


def report_of(codex: Path) -> dict[str, Any]:
    """Return how the program was called last."""
    report: dict[str, Any] = json.loads((codex.parent / "report.json").read_text())
    return report


def jwt(**claims: object) -> str:
    """Return a token with `claims` and no signature."""
    parts = ({"alg": "none"}, claims, {})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def chatgpt_auth(
    home: Path, access_token: str, *, account: str = "account-1", refresh: str = "refresh-1"
) -> Path:
    """Write a ChatGPT login into the Codex home `home`."""
    home.mkdir(parents=True, exist_ok=True)
    tokens = {
        "id_token": access_token,
        "access_token": access_token,
        "refresh_token": refresh,
        "account_id": account,
    }
    path = home / "auth.json"
    login = {"auth_mode": "chatgpt", "OPENAI_API_KEY": None, "tokens": tokens}
    # Measured on 0.169: without this Codex sends no credential.
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    path.write_text(json.dumps({**login, "last_refresh": now}))
    path.chmod(0o600)
    return path
