"""A few seconds of `make soak`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.places import SQLITE, on_postgres
from tests.soak.run import Place, soak
from tests.support.postgres_server import postgres_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as on Linux")

SECONDS = 4


def check(place: Place, folder: Path) -> None:
    lines: list[str] = []

    done = soak(place, folder, SECONDS, lines.append)

    assert done.breaches == []
    assert len(lines) > 3
    assert " actions (" in done.summary


def test_soak_on_sqlite(tmp_path: Path) -> None:
    check(SQLITE, tmp_path)


@pytest.mark.needs_postgres
def test_soak_on_postgres(tmp_path: Path) -> None:
    # It is stopped in between, so nobody else may use it.
    with postgres_server() as server:
        check(on_postgres(server), tmp_path)
