"""Run the `provisioner` command as users do: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "provisioner"]

ROOT = Path(__file__).resolve().parents[2]


def provisioner(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command with `arguments`; nothing is on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "provisioner", *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
