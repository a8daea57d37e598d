"""A rendered template, planned by the real Terraform without a network."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.knowledge.other_providers import provider_schemas
from provisioner.terraform.check import terraform_ready
from provisioner.terraform.serve import serving

__all__ = ["Planned", "planned", "ready", "show_what_the_module_is_given", "written"]

# What the module is given, as an output: Terraform does not show it otherwise.
GIVEN = 'output "given" {\n  sensitive = true\n  value     = { %s }\n}\n'
ASKED = 'output "given" {\n  sensitive = true\n  value     = module.codex[*].given\n}\n'


@dataclass(frozen=True)
class Planned:
    """What Terraform would do and knows, by address."""

    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]
    data: Mapping[str, Mapping[str, Any]]
    """The data sources of the folder, as they were read."""

    def of_type(self, name: str) -> list[Mapping[str, Any]]:
        return [item for item in self.resources.values() if item["type"] == name]


@contextlib.contextmanager
def ready(folder: Path) -> Iterator[dict[str, str]]:
    """Give Terraform nothing but the schemas that we ship: here no argument may be missing."""
    with terraform_ready(folder) as environment, serving(provider_schemas()) as served:
        yield environment | served


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def planned(folder: Path, environment: Mapping[str, str], *variables: str) -> Planned:
    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    options = [f"-var={item}" for item in variables]
    run("plan", "-input=false", "-lock=false", "-out=saved", *options)
    shown = json.loads(run("show", "-json", "saved"))
    values = shown["planned_values"]
    return Planned(
        {
            item["address"]: item["change"] | {"type": item["type"]}
            for item in shown.get("resource_changes", ())
            if item["change"]["actions"] != ["no-op"] and item["mode"] == "managed"
        },
        {name: item.get("value") for name, item in values.get("outputs", {}).items()},
        {
            item["address"]: item["values"]
            for item in shown.get("prior_state", {})
            .get("values", {})
            .get("root_module", {})
            .get("resources", ())
        },
    )


def show_what_the_module_is_given(folder: Path, environment: Mapping[str, str]) -> None:
    manifest = Path(environment["TF_DATA_DIR"], "modules", "modules.json").read_text()
    (module,) = (item for item in json.loads(manifest)["Modules"] if item["Key"] == "codex")
    place = folder / module["Dir"]
    text = "".join(path.read_text(encoding="utf-8") for path in place.glob("*.tf"))
    names = re.findall(r'^variable "(\w+)"', text, re.MULTILINE)
    given = ", ".join(f"{name} = var.{name}" for name in names if name != "agent_id")
    (place / "given.tf").write_text(GIVEN % given, encoding="utf-8")
    (folder / "given.tf").write_text(ASKED, encoding="utf-8")
