"""A request body in, what the gateway and its upstreams have to know of it out.

Bodies are long and little of them matters, so they are read in full only if an upstream asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from provisioner.gateway.json_parts import read_json

__all__ = ["Document", "outline", "with_model"]


class _Outline(msgspec.Struct):
    """The parts of a request that decide what is done with it, mostly unread."""

    model: str | None = None
    stream: bool | None = None
    background: bool | None = None
    input: str | list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw] | None = None
    metadata: msgspec.Raw = msgspec.Raw()


_READER = msgspec.json.Decoder(_Outline)


class Document(Mapping[str, Any]):
    """The JSON object that a body holds, read when it is first looked at."""

    def __init__(self, plain: bytes) -> None:
        """Hold the decoded body `plain`, whose outline was read."""
        self._plain = plain

    @cached_property
    def _object(self) -> Mapping[str, Any]:
        document = read_json(self._plain)
        return document if isinstance(document, dict) else {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of `name`."""
        return self._object[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._object)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._object)


def outline(plain: bytes) -> Mapping[str, Any]:
    """Return what the object in `plain` says of itself; of a conversation only the last item.

    Raises `ValueError` or `RecursionError` when it is not JSON, or not an object.
    """
    try:
        if not plain.isascii():
            plain.decode()
        return _told(_READER.decode(plain))
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Half a surrogate pair and other things that JSON in the wild has.
        document = read_json(plain)
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error for all that cannot be read
    return document


def with_model(document: Mapping[str, Any], model: str) -> tuple[Mapping[str, Any], bytes]:
    """Return `document` with another model, and the body that says so."""
    changed = {**document, "model": model}
    return changed, json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def _told(found: _Outline) -> Mapping[str, Any]:
    metadata = memoryview(found.metadata)
    told = {
        "model": found.model,
        "stream": found.stream,
        "background": found.background,
        "input": _last(found.input),
        "messages": _last(found.messages),
        "metadata": read_json(metadata) if metadata else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _last(value: str | list[msgspec.Raw] | None) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [read_json(memoryview(item)) for item in value[-1:]]
    return value
