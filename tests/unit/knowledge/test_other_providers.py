"""The schemas of other Terraform providers that the project brings along."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.other_providers import PROVIDERS, provider_schemas
from tests.support.command import ROOT

FOLDER = ROOT / "provisioner" / "knowledge" / "provider_schemas"
POD = ("spec", "template", "spec")


def block(provider: str, kind: str, name: str, *path: str) -> dict[str, Any]:
    address = f"registry.terraform.io/{provider}"
    found = provider_schemas()[address][kind][name]["block"]
    for step in path:
        found = found["block_types"][step]["block"]
    return dict(found)


def test_every_file_is_read() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{name}.toml" for name in PROVIDERS]
    assert len(provider_schemas()) == len(PROVIDERS) + 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_file_names_its_source_and_uses_every_shape(name: str) -> None:
    tables = toml_data(f"provider_schemas/{name}.toml")
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")

    assert tables["source"].startswith(tables["address"].removeprefix("registry.terraform.io/"))
    assert [shape for shape in tables.get("shape", {}) if f'shape = "{shape}"' not in text] == []


def test_blocks_that_are_alike_share_a_shape() -> None:
    deployment = ("hashicorp/kubernetes", "resource_schemas", "kubernetes_deployment_v1", *POD)

    assert block(*deployment, "container") == block(*deployment, "init_container")
    assert block(*deployment, "container", "env")["attributes"]["value"] == {
        "type": "string",
        "optional": True,
        "sensitive": False,
    }


def test_how_often_a_block_stands_and_what_is_secret() -> None:
    machine = block("hashicorp/azurerm", "resource_schemas", "azurerm_linux_virtual_machine")
    disk = machine["block_types"]["os_disk"]

    assert (disk["min_items"], disk["max_items"], disk["nesting_mode"]) == (1, 1, "list")
    assert [name for name, item in machine["attributes"].items() if item["sensitive"]] == [
        "admin_password",
        "custom_data",
    ]
