"""Checkouts of a repository with a template in it, good or broken."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.command import ROOT

__all__ = ["add_template", "break_template"]

_GOLDEN = ROOT / "tests/golden/docker-chatgpt/expected"


def add_template(folder: Path) -> Path:
    """Make `folder` a template without findings and return it."""
    folder.mkdir(parents=True)
    for name in ("main.tf", "codex.tf"):
        shutil.copy(_GOLDEN / name, folder)
    return folder


def break_template(folder: Path) -> None:
    """Give the template one finding, PRV501 in codex.tf, that has a safe fix."""
    file = folder / "codex.tf"
    text = file.read_text(encoding="utf-8")
    assert 'wire_api = "responses"' in text
    file.write_text(text.replace('wire_api = "responses"', 'wire_api = "chat"'), encoding="utf-8")
