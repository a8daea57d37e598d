"""The search text of the management API: any value can be asked for, and nothing breaks it."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.actor import Actor
from provisioner.gateway.management.call import ApiError
from provisioner.gateway.management.search import search, split_search

KEYS = ("initiator", "provider", "provider_name", "model", "client", "session_id")


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(st.dictionaries(st.sampled_from(KEYS), st.text(), max_size=6), st.sampled_from([" ", "\n "]))
def test_what_is_quoted_comes_back(terms: dict[str, str], between: str) -> None:
    text = between.join(f"{key}:{quoted(value)}" for key, value in terms.items())

    assert split_search(text) == terms


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_a_word_without_a_key_is_a_user(word: str) -> None:
    assert split_search(word) == {"initiator": word}


@given(st.text())
def test_any_text_is_conditions_or_an_error_for_the_client(text: str) -> None:
    with suppress(ApiError):
        search(text, Actor("ada", "u-1"))
