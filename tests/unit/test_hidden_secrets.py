"""A text that a secret got into shows neither it, nor a piece of it, nor an encoding."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.redact import Secret, SecretMask, hidden

KEY = "sk-proj-0123/456+789abcdef-ghij=="


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key {KEY} is wrong", "key sk-p...ij== is wrong"),
        (f"cut off: {KEY[:20]}", "cut off: ..."),
        (f"cut off: ...{KEY[8:]}.", "cut off: ......."),
        (f"?key={quote(KEY, safe='')}&b=1", "?key=...&b=1"),
        (f"x{KEY[:12]}y{KEY[12:]}z", "x...y...z"),
        ("sk-proj-0123 456", "... 456"),
        ("sk-proj-012 stays", "sk-proj-012 stays"),
        ("nothing here", "nothing here"),
    ],
)
def test_a_secret_is_hidden_whole_and_in_pieces(text: str, expected: str) -> None:
    assert hidden(text, [Secret(KEY), Secret("")]) == expected


@given(st.binary(max_size=5), st.binary(max_size=5), st.sampled_from(["+/", "-_"]))
def test_base64_of_it_is_hidden_wherever_it_starts(
    before: bytes, after: bytes, others: str
) -> None:
    text = base64.b64encode(before + KEY.encode() + after, others.encode()).decode()

    shown = hidden(text, [Secret(KEY)])

    assert "..." in shown
    longest = max(shown.split("..."), key=len)
    assert len(longest) < 16


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=12, max_size=40),
    st.integers(0, 20),
    st.integers(12, 40),
)
def test_no_long_piece_of_any_secret_is_left(secret: str, start: int, length: int) -> None:
    text = f"<{secret[start : start + length]}>"

    shown = hidden(text, [Secret(secret)])

    pieces = {secret[at : at + 12] for at in range(len(secret) - 11)}
    assert not any(piece in shown for piece in pieces if not piece.isspace() and "." not in piece)


def test_a_mask_hides_what_is_added_as_if_it_were_there_from_the_start() -> None:
    mask = SecretMask([Secret("another-one-of-them")])
    mask.add(Secret(KEY))
    text = f"another-one-of-them {KEY} {KEY[4:]}"

    assert mask.hide(text) == hidden(text, [Secret("another-one-of-them"), Secret(KEY)])


def test_a_mask_works_out_what_it_looks_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        "provisioner.redact.quote", lambda text, safe: asked.append(text) or quote(text, safe=safe)
    )
    mask = SecretMask([Secret(KEY)])
    for number in range(3):
        mask.hide(f"{number} {KEY}")

    assert len(asked) == 1
