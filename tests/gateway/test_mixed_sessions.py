"""A session in which more than one client asks."""

from __future__ import annotations

from pathlib import Path

from tests.support.dashboard_records import prepared
from tests.support.gateway_api import api
from tests.support.gateway_server import running_gateway


def test_a_session_is_that_of_the_client_that_began_it(tmp_path: Path) -> None:
    with running_gateway(tmp_path) as gateway:
        recorded = prepared(gateway.state)
        for client, session in (("Codex", "a"), ("Zed", "a"), ("Amp", "a"), ("Zed", "b")):
            recorded.add("hello", client_session_id=session, client=client)
        recorded.database.close()

        listed = api(gateway, "/api/v2/aibridge/sessions")["sessions"]
        shown = api(gateway, "/api/v2/aibridge/sessions/a")

    assert {entry["id"]: entry["client"] for entry in listed} == {"a": "Codex", "b": "Zed"}
    assert shown["client"] == "Codex"
