"""The program in modules/codex/scripts that merges the managed block into a config.toml."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.support.command import ROOT

__all__ = ["END", "NOTE", "START", "block", "merge", "merged"]

SCRIPTS = ROOT / "modules" / "codex" / "scripts"
START = "# >>> coder-managed: codex module >>>\n"
END = "# <<< coder-managed: codex module <<<\n"
NOTE = "# The template sets this in the managed block; your own is kept here:"


def block(text: str) -> str:
    """Return `text` between the markers."""
    return START + text + END


def merge(ours: str, theirs: str) -> subprocess.CompletedProcess[bytes]:
    """Merge as the script does: each file gets one line end more."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "block"), Path(folder, "config")]
        for path, text in zip(paths, (ours, theirs), strict=True):
            path.write_bytes(text.encode() + b"\n")
        return subprocess.run(
            ["awk", "-f", SCRIPTS / "toml.awk", "-f", SCRIPTS / "merge.awk", *paths],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            check=False,
            timeout=30,
        )


def merged(ours: str, theirs: str) -> str:
    """Return the merged text; a second merge must not change it."""
    done = merge(ours, theirs)
    assert done.returncode == 0, done.stderr
    again = merge(ours, done.stdout.decode())
    assert (again.stdout, again.stderr) == (done.stdout, b"")
    return done.stdout.decode()
