"""Provider keys sealed and opened: only the same secret and place give one back."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.key_seal import KeySeal
from provisioner.redact import Secret

SEAL = KeySeal(Secret("s" * 32))
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300)


@given(place=st.text(st.characters(codec="utf-8")), key=KEYS)
def test_what_is_sealed_is_opened_for_its_place_alone(place: str, key: str) -> None:
    sealed = SEAL.seal(place, Secret(key))

    assert SEAL.open(place, sealed) == Secret(key)
    assert SEAL.open(f"{place}x", sealed) is None
    assert KeySeal(Secret("t" * 32)).open(place, sealed) is None
    assert SEAL.seal(place, Secret(key)) != sealed


@given(key=KEYS, at=st.integers(0), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(key: str, at: int, bit: int) -> None:
    raw = bytearray(base64.b64decode(SEAL.seal("p", Secret(key))))
    raw[at % len(raw)] ^= 1 << bit

    assert SEAL.open("p", base64.b64encode(raw).decode()) is None


@given(sealed=st.text())
def test_nonsense_is_no_key(sealed: str) -> None:
    assert SEAL.open("p", sealed) is None
