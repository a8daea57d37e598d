"""YAML as data, read by Terraform, so that no test needs a parser of its own."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tests.support.terraform import run

__all__ = ["read_yaml"]


def read_yaml(text: str, folder: Path) -> Any:
    """Return what `text` holds; `folder` is an empty one to work in.

    The key `on` of a GitHub workflow is "true" here, as YAML 1.1 has it.
    """
    (folder / "text.yaml").write_text(text, encoding="utf-8")
    found = run(
        folder, "console", given='base64encode(jsonencode(yamldecode(file("text.yaml"))))\n'
    )
    assert found.returncode == 0, found.stderr
    return json.loads(base64.b64decode(json.loads(found.stdout)))
