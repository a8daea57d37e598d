"""Virtual keys of a gateway of this test, asked for over its management API."""

from __future__ import annotations

import json
from typing import Any

from tests.support.gateway_server import RunningGateway, post

__all__ = ["virtual_key"]

PATH = "/api/v2/ai-gateway/virtual-keys"


def virtual_key(gateway: RunningGateway, then: str = "", **body: Any) -> str:
    """Make the key that `body` asks for, do to it what `then` says, word by word, and return it."""
    made = post(gateway, body, PATH)
    assert made.status == 201, made.body
    key = json.loads(made.body)
    for action in then.split():
        assert post(gateway, {}, f"{PATH}/{key['id']}/{action}").status == 200
    return str(key["key"])
