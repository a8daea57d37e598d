"""Codex homes for tests: what we render, and everything that can be seen of a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["CONFIG", "FILES", "times", "tree"]

CONFIG = """model = "gpt-5.5"
model_provider = "ai_gateway"

[projects."/home/coder"]
trust_level = "trusted"

[model_providers.ai_gateway]
name = "Coder AI Gateway"
base_url = "https://coder.example.com/api/v2/aibridge/openai/v1"
wire_api = "responses"
env_key = "CODER_API_TOKEN"
env_http_headers = {X-Token = "CODER_API_TOKEN"}
"""
FILES = {"config.toml": CONFIG, "router.config.toml": 'model_provider = "ai_gateway"\n'}


def tree(folder: Path) -> dict[str, Any]:
    """Everything below `folder`: kind, mode, and bytes or the target of a link."""
    found: dict[str, Any] = {}
    for place, folders, names in os.walk(folder):
        for name in folders + names:
            path = Path(place, name)
            inside = path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
            found[str(path.relative_to(folder))] = path.lstat().st_mode, inside
    return found


def times(folder: Path) -> dict[str, int]:
    """When each file and folder was last changed."""
    return {str(path): path.lstat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
