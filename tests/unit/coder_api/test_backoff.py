"""How long to wait, and when not to."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from provisioner.coder_api.backoff import ATTEMPTS, waiting_time

NOW = dt.datetime(2026, 11, 1, 12, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("120", 120.0),
        ("121", None),
        ("Sun, 01 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Nov 2026 13:00:00 GMT", None),
    ],
)
def test_retry_after_is_kept_to_and_not_waited_for_too_long(
    header: str, seconds: float | None
) -> None:
    assert waiting_time(0, header, NOW) == seconds


@pytest.mark.parametrize("header", [None, "", "soon", "-1", "٣"])
def test_without_one_each_wait_is_longer_than_the_last(header: str | None) -> None:
    waits = [waiting_time(attempt, header, NOW) for attempt in range(ATTEMPTS - 1)]

    assert all(wait is not None and 0.375 <= wait <= 20 for wait in waits)
    assert all(one < two for one, two in pairwise(wait or 0 for wait in waits))
    assert waiting_time(ATTEMPTS - 1, header, NOW) is None
    assert waiting_time(ATTEMPTS - 1, "1", NOW) is None
