"""Messages on the wire: what is written can be read, and has the bytes that the format asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.terraform.wire import decode, encode


# The examples of https://protobuf.dev/programming-guides/encoding/.
@pytest.mark.parametrize(
    ("message", "data"),
    [
        ({1: 150}, "089601"),
        ({2: "testing"}, "120774657374696e67"),
        ({3: {1: 150}}, "1a03089601"),
        ({4: "hello"}, "220568656c6c6f"),
        ({1: 0, 2: "", 3: False, 4: []}, ""),
        ({3: {}}, "1a00"),
        ({3: [{1: 1}, {1: 2}]}, "1a0208011a020802"),
        ({1: True}, "0801"),
    ],
)
def test_the_bytes_are_those_of_the_format(message: dict, data: str) -> None:
    assert encode(message).hex() == data


@given(
    st.dictionaries(
        st.integers(1, 5000), st.integers(1, 2**63 - 1) | st.binary(min_size=1), max_size=8
    )
)
def test_what_is_written_can_be_read(message: dict[int, int | bytes]) -> None:
    assert decode(encode(message)) == message


def test_numbers_of_a_fixed_size_are_passed_over() -> None:
    assert decode(bytes.fromhex("09 0102030405060708 15 01020304 0801")) == {
        1: 1,
        2: b"\x01\x02\x03\x04",
    }


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        found = decode(data)
    except ValueError:
        return
    assert all(isinstance(number, int) for number in found)


@pytest.mark.parametrize("data", ["08", "1205aa", "0b", "80", "09010203"])
def test_what_does_not_end_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="does not end"):
        decode(bytes.fromhex(data))
