"""A provider's schema, as `terraform providers schema -json` writes it → protocol messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provisioner.terraform.wire import Message

__all__ = ["schema_message"]

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


def schema_message(provider: Mapping[str, Any]) -> Message:
    """Return the answer to `GetProviderSchema`."""
    return {
        1: _schema(provider.get("provider", {"block": {}})),
        2: _by_name(provider.get("resource_schemas", {})),
        3: _by_name(provider.get("data_source_schemas", {})),
        6: {1: 1, 2: 1},  # It can plan a destroy, and need not be asked for its schema again.
    }


def _by_name(schemas: Mapping[str, Any]) -> list[Message]:
    return [{1: name, 2: _schema(schema)} for name, schema in schemas.items()]


def _schema(schema: Mapping[str, Any]) -> Message:
    return {1: schema.get("version", 0), 2: _block(schema["block"])}


def _block(block: Mapping[str, Any]) -> Message:
    return {
        2: [_attribute(name, item) for name, item in block.get("attributes", {}).items()],
        3: [_nested(name, item) for name, item in block.get("block_types", {}).items()],
        6: block.get("deprecated", False),
    }


def _attribute(name: str, attribute: Mapping[str, Any]) -> Message:
    return {
        1: name,
        2: json.dumps(attribute["type"], separators=(",", ":")),
        4: attribute.get("required", False),
        5: attribute.get("optional", False),
        6: attribute.get("computed", False),
        7: attribute.get("sensitive", False),
        9: attribute.get("deprecated", False),
    }


def _nested(name: str, nested: Mapping[str, Any]) -> Message:
    return {
        1: name,
        2: _block(nested["block"]),
        3: _NESTING[nested["nesting_mode"]],
        4: nested.get("min_items", 0),
        5: nested.get("max_items", 0),
    }
