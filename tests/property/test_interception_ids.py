"""The ids of interceptions: UUIDs that lie together as their times do."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway import beginning

TICK = 1_000_000 / 4096
"""Nanoseconds between two ids whose order is certain: the time has twelve bits a millisecond."""
TIMES = st.integers(0, int(datetime(2500, 1, 1, tzinfo=UTC).timestamp()) * 10**9)


def made_at(nanoseconds: int) -> str:
    with patch.object(beginning.time, "time_ns", return_value=nanoseconds):
        return beginning.new_id()


@given(TIMES)
def test_an_id_is_a_uuid_of_version_7_with_its_time(nanoseconds: int) -> None:
    made = uuid.UUID(made_at(nanoseconds))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == nanoseconds // 1_000_000


@given(TIMES, st.integers(0, 10**15))
def test_later_ids_are_greater(nanoseconds: int, later: int) -> None:
    first, second = made_at(nanoseconds), made_at(nanoseconds + int(TICK) + 1 + later)

    assert len(first) == len(second) == 36
    assert first < second


def test_ids_of_one_moment_differ() -> None:
    assert len({made_at(0) for _ in range(1000)}) == 1000
