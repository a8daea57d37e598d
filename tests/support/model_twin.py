"""Loopback twins of model services: each checks its requests as the public API does, and answers."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.api_rules import faults
from tests.support.model_turns import ENCODERS, Turn
from tests.support.twin import Twin, TwinRequest, twin

__all__ = ["ModelTwin", "model_twin", "provider_toml"]

_PATHS = {
    "openai-chat": r"/chat/completions",
    "anthropic": r"/v1/messages",
    "gemini": r"/v1beta/models/[^/:]+:streamGenerateContent\?alt=sse",
    "vertex": r"/models/[^/:]+:streamGenerateContent\?alt=sse",
}
_KEYS = {
    "openai-chat": ("Authorization", "Bearer service-key"),
    "anthropic": ("X-Api-Key", "service-key"),
    "gemini": ("x-goog-api-key", "service-key"),
    "vertex": ("Authorization", "Bearer service-key"),
}
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass
class ModelTwin:
    """A running twin; `faults` are what its API would have refused, in all requests."""

    api: str
    twin: Twin
    faults: list[str] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.twin.requests]


@contextlib.contextmanager
def model_twin(api: str, turns: Sequence[Turn]) -> Iterator[ModelTwin]:
    """Answer requests with `turns` in order; the last one is repeated."""
    lock = threading.Lock()
    count = 0

    def play(request: TwinRequest, connection: socket.socket) -> None:
        nonlocal count
        with lock:
            number, count = count, count + 1
        running.faults += _request_faults(api, request)
        turn = turns[min(number, len(turns) - 1)]
        connection.sendall(_STREAM + ENCODERS[api](turn, number))
        connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        running = ModelTwin(api, service)
        yield running


def provider_toml(api: str, url: str, settings: Mapping[str, Any] | None = None) -> str:
    """Return a configuration whose one provider is the twin at `url`; the key is in `KEY`."""
    more = "".join(f"{name} = {_toml(value)}\n" for name, value in (settings or {}).items())
    return (
        f'[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "{api}"\n'
        f'base_url = "{url}"\nkey_env = ["KEY"]\n{more}'
    )


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(k)} = {_toml(v)}' for k, v in value.items())} }}"
    return json.dumps(value)


def _request_faults(api: str, request: TwinRequest) -> list[str]:
    method, path, _ = request.line.split(" ")
    found = [] if method == "POST" and re.fullmatch(_PATHS[api], path) else [request.line]
    name, value = _KEYS[api]
    if request.header(name) != [value]:
        found.append(f"{name} is {request.header(name)}")
    if api == "anthropic" and request.header("anthropic-version") != ["2023-06-01"]:
        found.append("no anthropic-version")
    leaked = [
        name for name, _ in request.headers if name.lower().startswith(("x-codex", "session"))
    ]
    return [*found, *leaked, *faults(api, json.loads(request.body))]
