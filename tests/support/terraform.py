"""The real Terraform, without a network and without the configuration of this machine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["console", "run"]


def run(
    folder: Path, *arguments: str, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `terraform` in `folder`."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    environment = kept | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def console(folder: Path, preamble: str, expressions: Sequence[str]) -> list[Any] | None:
    """Return the value of each expression as JSON text, None for one that Terraform refuses.

    None for all where one of them is not known before the apply.
    """
    lines = [
        f"  e{number} = try(jsonencode(\n{item}\n), null)"
        for number, item in enumerate(expressions)
    ]
    (folder / "main.tf").write_text(preamble + "\nlocals {\n" + "\n".join(lines) + "\n}\n")
    names = ",".join(f"local.e{number}" for number in range(len(expressions)))
    (folder / "all.tf").write_text(f"locals {{\n  all = [{names}]\n}}\n")
    found = run(folder, "console", given="jsonencode(local.all)\n")
    assert found.returncode == 0, found.stderr
    if found.stdout.startswith("(known after apply)"):
        return None
    values: list[Any] = json.loads(json.loads(found.stdout))
    return values
