"""What `/readyz` knows besides whether the database can be read."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from provisioner.gateway.record.sqlite import DATABASE_NAME
from tests.support.gateway_server import SECONDS, RunningGateway, post, running_gateway, send

ASKED = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def wait_for_readiness(gateway: RunningGateway, expected: tuple[int, bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        reply = send(gateway, ASKED)
        if (reply.status, reply.body) == expected:
            return
        assert time.monotonic() < deadline, (reply.status, reply.body)
        time.sleep(0.02)


def test_records_that_cannot_be_stored_are_no_readiness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.record.sqlite._BUSY_SECONDS", 1.0)
    with running_gateway(tmp_path) as gateway:
        wait_for_readiness(gateway, (200, b"OK"))
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other:
            # It can still be read.
            other.execute("BEGIN IMMEDIATE")
            assert post(gateway, {"model": "m", "input": "hello"}).status == 200
            wait_for_readiness(gateway, (503, b"records cannot be stored now"))
            other.execute("ROLLBACK")
        wait_for_readiness(gateway, (200, b"OK"))

    assert len(gateway.records()) == 1
