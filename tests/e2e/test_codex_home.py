"""Codex itself reads what was merged: its TOML reader is not the one that the merge is checked with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.managed_block import MANAGED_END, MANAGED_START
from provisioner.launch.codex_install import install_codex
from tests.unit.codex_home.homes import FILES

CONFIGS = {
    "line-ends": "# a\r\n[tui]\r\nnotifications = true\r\n",
    "byte-order-mark": "\ufeff# a\n[tui]\nnotifications = true\n",
    "inline-table": "model_providers = { ai_gateway = { name='x', http_headers={} }, o = { name='o' } }\n",
    "empty-inline-table": "model_providers = {}\n",
    "dotted-at-root": "model_providers.ai_gateway.name = 'x'\n[tui]\n",
    "dotted-in-table": "[model_providers]\nai_gateway.name = 'x'\nother.name='o'\n",
    "dotted-other": "model_providers.other.name = 'x'\n[tui]\n",
    "quoted-header": "[ 'model_providers' . \"ai_gateway\" ] # c\n\tname = 'x'",
    "table-below-only": "[model_providers.ai_gateway.http_headers]\na = 'b'\n",
    "managed-block": f"{MANAGED_START}\nmodel_reasoning_effort = 'low'\n"
    f"[model_providers.aigateway]\nname = 'AI'\n{MANAGED_END}\n[tui]\n",
}


@pytest.mark.needs_codex
@pytest.mark.parametrize("way", CONFIGS)
def test_codex_takes_our_provider_from_a_merged_config(tmp_path: Path, way: str) -> None:
    home = tmp_path / ".codex"
    home.mkdir()
    (home / "config.toml").write_bytes(CONFIGS[way].encode())
    apply_files(home, FILES, force=True)

    # The variable with the credential is not set, so Codex stops before its first request.
    done = subprocess.run(
        [install_codex("0.169.0"), "exec", "--strict-config", "--skip-git-repo-check", "hi"],
        env={"HOME": str(tmp_path), "CODEX_HOME": str(home), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "provider: ai_gateway" in done.stderr
    assert "Missing environment variable: `CODER_API_TOKEN`" in done.stderr
