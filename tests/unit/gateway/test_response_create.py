"""What a client leaves out over a WebSocket is put back, and nothing else is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.body import BODY_LIMIT
from provisioner.gateway.response_create import BadMessageError, History, HistoryRoom, warm_answer

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=4)
OF_ANSWERS = ("id", "status")


def message(**fields: Any) -> bytes:
    return json.dumps({"type": "response.create", **fields}).encode()


class Connection:
    """A conversation, and whether its connection was told to end."""

    def __init__(self, room: HistoryRoom) -> None:
        self.history = History(room, self.end)
        self.ended = False

    def end(self) -> None:
        self.ended = True

    def say(self, size: int) -> None:
        """Have an item of `size` bytes kept: a text with its quotes."""
        self.history.answered(self.history.create(message(input=["x" * (size - 2)])), "r")

    @property
    def goes_on(self) -> bool:
        try:
            self.history.create(message(input=[], previous_response_id="r"))
        except BadMessageError:
            return False
        return True


@given(st.lists(st.tuples(ITEMS, ITEMS), min_size=1, max_size=4), JSON)
def test_the_input_of_each_request_is_all_that_was_said(
    turns: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]], other: Any
) -> None:
    history = Connection(HistoryRoom()).history
    said: list[dict[str, Any]] = []
    for number, (new, output) in enumerate(turns):
        before = {"previous_response_id": f"r{number}"} if number else {}
        asked = history.create(message(input=new, other=other, **before))
        said += new
        assert json.loads(asked.body) == {"other": other, "input": said, "stream": True}
        history.answered(asked, f"r{number + 1}", output)
        said += [{k: v for k, v in item.items() if k not in OF_ANSWERS} for item in output]


@pytest.mark.parametrize("response_id", ["", "other"])
def test_only_the_last_response_can_be_gone_on_from(response_id: str) -> None:
    history = Connection(HistoryRoom()).history
    history.answered(history.create(message(input=[])), "first")
    history.answered(history.create(message(input=[])), response_id)

    with pytest.raises(BadMessageError):
        history.create(message(input=[], previous_response_id="first"))


@pytest.mark.parametrize("source", ['"text"', "7", "null"])
def test_an_input_that_is_no_list_goes_on_as_it_is(source: str) -> None:
    history = Connection(HistoryRoom()).history
    asked = history.create(f'{{"type":"response.create","input":{source}}}'.encode())

    assert json.loads(asked.body) == {"input": json.loads(source), "stream": True}
    history.answered(asked, "r")
    with pytest.raises(BadMessageError):
        history.create(message(input=[], previous_response_id="r"))


def test_numbers_and_escapes_stay_as_written() -> None:
    raw = rb'{"type":"response.create","input":["\u00e4",1.10,1e400],"z":12345678901234567890123}'

    body = Connection(HistoryRoom()).history.create(raw).body

    assert body == rb'{"input":["\u00e4",1.10,1e400],"z":12345678901234567890123,"stream":true}'


def test_a_request_may_generate_nothing() -> None:
    assert Connection(HistoryRoom()).history.create(message(model="m", input=[])).generates

    asked = Connection(HistoryRoom()).history.create(message(model="m", input=[], generate=False))
    response_id, texts = warm_answer(asked)

    created, completed = map(json.loads, texts)
    assert not asked.generates
    assert json.loads(asked.body) == {"model": "m", "input": [], "stream": True}
    assert (created["type"], completed["type"]) == ("response.created", "response.completed")
    assert created["response"]["id"] == completed["response"]["id"] == response_id
    assert (completed["response"]["model"], completed["response"]["output"]) == ("m", [])


def test_the_quietest_connection_ends_when_there_is_no_room() -> None:
    room = HistoryRoom(100)
    first, second, third = (Connection(room) for _ in range(3))
    first.say(40)
    second.say(40)
    first.say(40)
    third.say(40)

    assert [one.ended for one in (first, second, third)] == [False, True, False]
    assert [one.goes_on for one in (first, second, third)] == [True, False, True]


def test_what_alone_is_too_much_is_not_kept_and_what_is_forgotten_gives_room() -> None:
    room = HistoryRoom(100)
    large, first, second = (Connection(room) for _ in range(3))
    large.say(101)
    first.say(60)
    first.history.forget()
    second.say(60)

    assert [one.ended for one in (large, first, second)] == [True, False, False]
    assert [one.goes_on for one in (large, first, second)] == [False, False, True]


def test_what_no_body_can_hold_ends_the_connection() -> None:
    one = Connection(HistoryRoom())
    one.say(BODY_LIMIT + 1)
    assert (one.ended, one.goes_on) == (True, False)
