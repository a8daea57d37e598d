"""The management API of a gateway that runs, over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.support.gateway_server import SECONDS, Reply, RunningGateway

__all__ = ["api", "ask"]


def ask(
    gateway: RunningGateway,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    body: object = None,
    token: str | None = None,
) -> Reply:
    """Ask with the gateway's own token, or `token`; "" sends none."""
    token = gateway.token if token is None else token
    headers = {"Coder-Session-Token": token} if token else {}
    target = f"{path}?{urlencode(query)}" if query else path
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request(method, target, content, headers)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())


def api(
    gateway: RunningGateway, path: str, query: Mapping[str, str] | None = None, **more: Any
) -> Any:
    """Return the document that answers; the status must be 200."""
    reply = ask(gateway, path, query, **more)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)
