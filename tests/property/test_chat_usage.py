"""The usage that a client did not ask for leaves its chat stream however the bytes arrive."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.chat_usage import without_usage

USAGE = b'data: {"choices":[],"usage":{"total_tokens":3}}'
OTHERS = (
    b": comment",
    b"data: [DONE]",
    b'data: {"choices":[],"usage":null}',
    b'data: {"choices":[{"delta":{"content":"\\"usage\\""}}],"usage":{"total_tokens":3}}',
    b'data: {"usage":',
)
BLANKS = (b"\n\n", b"\r\n\r\n", b"\r\r")


async def parts(text: bytes, cuts: Sequence[int]) -> AsyncIterator[bytes]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        yield text[start:end]


async def relayed(text: bytes, cuts: Sequence[int]) -> tuple[bytes, bytes]:
    told: list[bytes] = []
    read: list[bytes] = []
    async for chunk in without_usage(parts(text, cuts), read.append):
        told.append(chunk)
        read.append(chunk)
    return b"".join(told), b"".join(read)


@given(
    st.lists(st.sampled_from((USAGE, *OTHERS))),
    st.sampled_from(BLANKS),
    st.sampled_from((b"", b'data: {"half')),
    st.lists(st.integers(min_value=0)),
)
def test_only_the_chunk_of_usage_is_left_out(
    events: list[bytes], blank: bytes, rest: bytes, cuts: list[int]
) -> None:
    text = b"".join(event + blank for event in events) + rest

    told, read = asyncio.run(relayed(text, cuts))

    assert told == b"".join(event + blank for event in events if event != USAGE) + rest
    assert read == text
