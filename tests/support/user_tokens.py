"""Tokens of a user of a gateway of this test, asked for over its management API."""

from __future__ import annotations

import json

from tests.support.gateway_api import ask
from tests.support.gateway_server import RunningGateway

__all__ = ["user_token"]

PATH = "/api/v2/users/ada/keys"


def user_token(gateway: RunningGateway, *, revoked: bool = False, **body: object) -> str:
    """Make the token that `body` asks for, revoke it if it is to be, and return it."""
    made = ask(gateway, f"{PATH}/tokens", method="POST", body={"token_name": "laptop", **body})
    assert made.status == 201, made.body
    token = json.loads(made.body)
    if revoked:
        assert ask(gateway, f"{PATH}/{token['id']}", method="DELETE").status == 204
    return str(token["key"])
