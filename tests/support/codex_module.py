"""The script that Terraform makes of modules/codex, and a start of a workspace with it."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.terraform.check import terraform_ready
from tests.support.command import ROOT

__all__ = ["MODULE", "Start", "planned", "script_with", "start", "start_environment", "terraform"]

MODULE = ROOT / "modules" / "codex"
SECONDS = 120
Start = subprocess.CompletedProcess[str]

_PLAIN = {"SOURCE", "VERSION", "CREDENTIAL", "LOGIN_ENV", "UNIT", "SYNC_AFTER", "PROFILES"}
_BASIC: dict[str, object] = {
    "agent_id": "agent",
    "base_config_toml": 'model = "m"\n',
    "codex_version": "0.169.0",
}


def terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> Start:
    """Run `terraform` in `folder`."""
    return subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def planned(**inputs: object) -> dict[str, Any]:
    """Return what Terraform plans for the module with `inputs`, by address."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "codex")
        shutil.copytree(MODULE, folder)
        values = json.dumps({**_BASIC, **inputs})
        (folder / "codex.auto.tfvars.json").write_text(values, encoding="utf-8")
        with terraform_ready(folder) as environment:
            done = terraform(folder, environment, "plan", "-no-color", "-out=plan")
            assert done.returncode == 0, done.stderr
            shown = terraform(folder, environment, "show", "-json", "plan")
    changes = json.loads(shown.stdout)["resource_changes"]
    return {change["address"]: change["change"] for change in changes}


@functools.cache
def _planned_script() -> str:
    script: str = planned()["coder_script.codex"]["after"]["script"]
    return script


def script_with(profiles: Mapping[str, str] | None = None, **settings: str) -> str:
    """Return the script that Terraform made, with other settings in its first lines.

    Codex comes from the image unless `SOURCE` says otherwise.
    """
    settings = {"SOURCE": "image", **settings}
    if profiles is not None:
        pairs = ((_encoded(name), _encoded(text)) for name, text in profiles.items())
        settings["PROFILES"] = "\n".join(map(" ".join, pairs))
    script = _planned_script()
    for name, text in settings.items():
        before, opening, after = script.partition(f"\nWANTED_{name}='")
        assert opening
        value = text if name in _PLAIN else _encoded(text)
        script = before + opening + value + after[after.index("'\n") :]
    return script


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def start(script: str, home: Path, *bins: Path, **environment: str) -> Start:
    """Run `script` as an agent does: one argument of bash, nothing on its standard input."""
    return subprocess.run(
        ["/usr/bin/env", "bash", "-c", script],
        cwd=home,
        env=start_environment(home, *bins, **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def start_environment(home: Path, *bins: Path, **environment: str) -> dict[str, str]:
    """Return the whole environment of a start, `bins` first on its PATH."""
    path = os.pathsep.join([*map(str, bins), "/usr/bin", "/bin"])
    return {"HOME": str(home), "PATH": path, **environment}
