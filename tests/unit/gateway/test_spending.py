"""What a request is taken to cost before it is answered."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.policy.budget_config import Unit
from provisioner.gateway.policy.spending import Prices, estimate, size_as_text


def size(image: str) -> int:
    return size_as_text(json.dumps({"image_url": image, "text": "hello"}).encode())


def test_an_image_counts_for_what_one_may_cost() -> None:
    around = size("")
    begin = "data:image/png;base64,"

    assert size(begin + "iVBO" * 300_000) == around + 6_000
    assert size(begin + "iVBO" * 1_000) == around + len(begin) + 4_000
    assert size_as_text(json.dumps([begin + "A" * 9_000] * 3).encode()) == 3 * (6_000 + 2) + 6


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 20_000), st.sampled_from(["", "é", '\\"', "\\n"]))
    )
)
def test_each_image_counts_wherever_it_is(parts: list[tuple[bool, int, str]]) -> None:
    begin = "data:image/webp;base64,"
    texts = [begin + "A" * length if image else end * length for image, length, end in parts]
    body = json.dumps({"input": texts}).encode()
    images = [len(text) for text, (image, _, _) in zip(texts, parts, strict=True) if image]

    assert size_as_text(body) == len(body) - sum(max(length - 6_000, 0) for length in images)


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64, and then a long text" + " in words" * 1_000,
        "data:image/png" + "A" * 9_000,
        "data:application/pdf;base64," + "A" * 9_000,
    ],
)
def test_what_is_no_image_counts_in_full(text: str) -> None:
    assert size(text) == size("") + len(text)
    assert size_as_text(b'{"x":"data:image/png;base64,' + b"A" * 9_000) == 9_028


def test_nothing_is_taken_to_be_longer_than_a_known_model_reads() -> None:
    prices = Prices({}, {"small": 100})

    assert estimate(prices, "small", 4_000, 10)[Unit.TOKENS] == 110
    assert estimate(prices, "small", 200, 10)[Unit.TOKENS] == 60
    assert estimate(prices, "other", 4_000, 10)[Unit.TOKENS] == 1_010
