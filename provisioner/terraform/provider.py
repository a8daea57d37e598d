"""A provider that has a schema and makes nothing: values it would compute are unknown or made up.

Checks that the real provider makes in its own code are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from provisioner.terraform.schema import schema_message
from provisioner.terraform.wire import decode, encode

__all__ = ["SchemaProvider"]

_SERVICE = "/tfplugin6.Provider/"
_UNKNOWN = msgspec.msgpack.Ext(0, b"\x00")
"""The value that Terraform does not know yet, in its own use of MessagePack."""


class SchemaProvider:
    """Answers what Terraform asks of one provider; `schema` is that of the provider alone."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Keep the answer that never changes."""
        self._schema = schema
        self._schema_answer = encode(schema_message(schema))
        self._methods: dict[str, Callable[[dict[int, int | bytes]], bytes]] = {
            "GetProviderSchema": lambda _: self._schema_answer,
            "ValidateProviderConfig": lambda _: b"",
            "ValidateResourceConfig": lambda _: b"",
            "ValidateDataResourceConfig": lambda _: b"",
            "ConfigureProvider": lambda _: b"",
            "StopProvider": lambda _: b"",
            "UpgradeResourceState": self._upgraded,
            "ReadResource": self._read,
            "ReadDataSource": self._data,
            "PlanResourceChange": self._planned,
            "ApplyResourceChange": self._applied,
        }

    def method(self, path: str) -> Callable[[bytes], bytes] | None:
        """Return what answers requests to a path of the protocol, None for no such path."""
        answer = self._methods.get(path.removeprefix(_SERVICE))
        return None if answer is None else lambda request: answer(decode(request))

    def _upgraded(self, request: dict[int, int | bytes]) -> bytes:
        state = msgspec.json.decode(_bytes(decode(_bytes(request, 3)), 1))
        return encode({1: {1: msgspec.msgpack.encode(state)}})

    def _read(self, request: dict[int, int | bytes]) -> bytes:
        return encode({1: _bytes(request, 2)})

    def _data(self, request: dict[int, int | bytes]) -> bytes:
        block = self._block("data_source_schemas", request)
        return encode({1: _dynamic(_filled(block, _value(request, 2), made_up=True))})

    def _planned(self, request: dict[int, int | bytes]) -> bytes:
        block = self._block("resource_schemas", request)
        return encode({1: _dynamic(_filled(block, _value(request, 3), made_up=False)), 5: True})

    def _applied(self, request: dict[int, int | bytes]) -> bytes:
        block = self._block("resource_schemas", request)
        return encode({1: _dynamic(_filled(block, _value(request, 3), made_up=True)), 4: True})

    def _block(self, kind: str, request: dict[int, int | bytes]) -> Mapping[str, Any]:
        block: Mapping[str, Any] = self._schema[kind][_bytes(request, 1).decode()]["block"]
        return block


def _bytes(message: Mapping[int, int | bytes], number: int) -> bytes:
    value = message.get(number, b"")
    if isinstance(value, int):
        raise ValueError(f"field {number} is a number")  # noqa: TRY004 - of the data
    return value


def _value(request: Mapping[int, int | bytes], number: int) -> Any:  # noqa: ANN401 - any value
    return msgspec.msgpack.decode(_bytes(decode(_bytes(request, number)), 1))


def _dynamic(value: object) -> dict[int, bytes]:
    return {1: msgspec.msgpack.encode(value)}


def _filled(block: Mapping[str, Any], value: Any, *, made_up: bool) -> Any:  # noqa: ANN401
    """Put values where the provider computes them: unknown ones, or some of the right type."""
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for name, attribute in block.get("attributes", {}).items():
        is_open = filled.get(name) is None or isinstance(filled[name], msgspec.msgpack.Ext)
        if attribute.get("computed") and is_open:
            filled[name] = _made_up(name, attribute["type"], value) if made_up else _UNKNOWN
    for name, nested in block.get("block_types", {}).items():
        inner = filled.get(name)
        if isinstance(inner, list):
            filled[name] = [_filled(nested["block"], item, made_up=made_up) for item in inner]
        elif isinstance(inner, dict):
            filled[name] = _filled(nested["block"], inner, made_up=made_up)
    return filled


def _made_up(name: str, kind: Any, block: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a value of the type; a parameter has its default, a workspace is being started.

    A list has one item, because templates take the first of what a data source finds.
    """
    if name == "value" and block.get("default") is not None:
        return block["default"]
    text = "start" if name == "transition" else f"{name}-of-{block.get('name') or 'me'}"
    match kind:
        case "dynamic":
            return [b'"string"', text]
        case ["list" | "set", item]:
            return [_made_up(name, item, block)]
        case ["object", dict() as items]:
            return {key: _made_up(key, item, block) for key, item in items.items()}
    return {"string": text, "number": 1, "bool": False}.get(str(kind), {})
