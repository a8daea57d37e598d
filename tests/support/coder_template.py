"""An uploaded archive → what Coder finds in its Terraform: variables, parameters, what agents get."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

from provisioner.syntax.hcl_values import hcl_values
from tests.support.coder_jobs import new_id

__all__ = ["UploadedTemplate"]


class UploadedTemplate:
    """What stands at the root of an archive."""

    def __init__(self, archive: bytes) -> None:
        self._files = list(_terraform(archive))

    def variables(self, given: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "type": "string",
                "value": _told(given.get(name, str(body.get("default", ""))), body),
                "default_value": _told(str(body.get("default", "")), body),
                "required": "default" not in body,
                "sensitive": _is_true(body.get("sensitive")),
            }
            for file in self._files
            for name, body in file.get("variable", {}).items()
        ]

    def parameters(self) -> list[dict[str, Any]]:
        return [
            {
                "name": body["name"],
                "type": body.get("type", "string"),
                "default_value": str(body.get("default", "")),
                "required": "default" not in body,
                "mutable": _is_true(body.get("mutable")),
                "ephemeral": _is_true(body.get("ephemeral")),
                **{
                    f"validation_{limit}": body["validation"][limit]
                    for limit in ("min", "max")
                    if limit in body.get("validation", {})
                },
                "options": [
                    {"name": item["name"], "value": str(item["value"])}
                    for item in _many(body.get("option", []))
                ],
            }
            for body in self._blocks("data", "coder_parameter")
        ]

    def presets(self) -> list[dict[str, Any]]:
        return [
            {
                "ID": new_id(),
                "Name": body["name"],
                "Parameters": [
                    {"Name": _parameter_name(self, name), "Value": str(value)}
                    for name, value in body.get("parameters", {}).items()
                ],
                "Default": False,
            }
            for body in self._blocks("data", "coder_workspace_preset")
        ]

    def environment(self, token: str) -> dict[str, str]:
        return {body["name"]: token for body in self._blocks("resource", "coder_env")}

    def apps(self) -> list[dict[str, Any]]:
        return [
            {"id": new_id(), "slug": body["slug"], "health": "disabled"}
            for body in self._blocks("resource", "coder_app")
        ]

    def _blocks(self, kind: str, type_: str) -> Iterator[dict[str, Any]]:
        for file in self._files:
            yield from file.get(kind, {}).get(type_, {}).values()


def _terraform(archive: bytes) -> Iterator[dict[str, Any]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as items:
        for item in items:
            data = items.extractfile(item)
            if data and "/" not in item.name and item.name.endswith(".tf"):
                yield hcl_values(data.read().decode())


def _told(value: str, body: dict[str, Any]) -> str:
    return "*redacted*" if value and _is_true(body.get("sensitive")) else value


def _is_true(value: object) -> bool:
    return value in {True, "true"}


def _many(found: Any) -> list[dict[str, Any]]:
    return found if isinstance(found, list) else [found]


def _parameter_name(template: UploadedTemplate, key: str) -> str:
    """A preset names a parameter by an expression such as data.coder_parameter.memory.name."""
    names = {item["name"] for item in template.parameters()}
    return next((name for name in names if name in key), key)
