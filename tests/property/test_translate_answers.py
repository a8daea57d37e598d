"""However a service's stream is cut into chunks, the same answer comes out, and Codex can use it."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.apis import APIS
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.tools import Toolbox
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import UpstreamError
from provisioner.gateway.upstreams.translated_body import TranslatedBody
from tests.support.model_turns import ENCODERS, Said, Turn, call, say, think

OFFERED: Sequence[Any] = (
    {"type": "function", "name": "exec_command"},
    {"type": "custom", "name": "apply_patch"},
    {"type": "namespace", "name": "crew", "tools": [{"type": "function", "name": "spawn"}]},
    {"type": "tool_search", "execution": "client"},
)
TEXTS = st.text(min_size=1, max_size=20)
SAID = st.lists(
    st.one_of(
        st.builds(say, TEXTS),
        st.builds(think, TEXTS),
        st.builds(lambda text: call("exec_command", cmd=text), TEXTS),
        st.builds(lambda text: call("apply_patch", input=text), TEXTS),
        st.builds(lambda text: call("crew__spawn", task=text), TEXTS),
        st.builds(lambda text: call("tool_search", query=text), TEXTS),
        st.builds(lambda text: call("made_up", x=text), TEXTS),
    ),
    min_size=1,
    max_size=5,
)
STOPS = {
    "openai-chat": ["", "length", "content_filter"],
    "anthropic": ["", "max_tokens", "refusal", "stop_sequence", "model_context_window_exceeded"],
    "gemini": ["", "MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL"],
    "vertex": ["", "OTHER"],
}


def translated(api: str, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the events that `api`'s stream in `chunks` becomes."""
    tools = Toolbox(Dropped())
    for tool in OFFERED:
        tools.add(tool)
    events = AnswerEvents(api, "m", tools)
    body = TranslatedBody(KnownBody(chunks), APIS[api].reader(events), events)

    async def read() -> bytes:
        return b"".join([chunk async for chunk in body])

    return [json.loads(event.data) for event in EventStreamParser().feed(asyncio.run(read()))]


def plain(events: Sequence[Any]) -> str:
    """Return `events` without what is made up for each answer."""
    text = re.sub(r"(resp|msg|rs|fc|ctc|tsc|call)_[0-9a-f]{32}", r"\1", json.dumps(events))
    return re.sub(r'"created_at": \d+', "", text)


@pytest.mark.parametrize("api", APIS)
@settings(deadline=None)
@given(said=SAID, cuts=st.lists(st.integers(0, 4000), max_size=20), data=st.data())
def test_any_split_gives_the_same_answer(
    api: str, said: list[Said], cuts: list[int], data: st.DataObject
) -> None:
    stream = ENCODERS[api](Turn(said, stop=data.draw(st.sampled_from(STOPS[api]))), 1)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(edges)]

    assert plain(translated(api, chunks)) == plain(translated(api, [stream]))


@pytest.mark.parametrize("api", APIS)
@settings(deadline=None)
@given(said=SAID, data=st.data())
def test_events_agree_with_the_items_and_the_items_with_what_was_said(
    api: str, said: list[Said], data: st.DataObject
) -> None:
    stop = data.draw(st.sampled_from(STOPS[api]))
    events = translated(api, [ENCODERS[api](Turn(said, stop=stop), 1)])

    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    done = {
        one["output_index"]: one["item"]
        for one in events
        if one["type"] == "response.output_item.done"
    }
    added = [one["output_index"] for one in events if one["type"] == "response.output_item.added"]
    assert added == list(range(len(added)))
    response = events[-1]["response"]
    assert response["output"] == [done[index] for index in sorted(done)]
    for index, item in done.items():
        assert grown(events, index) == finished(item)
    if response["status"] == "completed":
        assert sorted(done) == added
        assert called(response["output"]) == [what for kind, what in said if kind == "call"]
        words = "".join(
            part["text"] for item in response["output"] for part in item.get("content", ())
        )
        assert words == "".join(what for kind, what in said if kind == "say")
        usage = response["usage"]
        assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (
            100,
            20,
            120,
        )
        assert usage["input_tokens_details"]["cached_tokens"] == 40
        assert usage["output_tokens_details"]["reasoning_tokens"] == 5


def grown(events: Sequence[Any], index: int) -> str:
    """Return what the deltas of one item add up to."""
    own = [event for event in events if event.get("output_index") == index]
    return "".join(event["delta"] for event in own if event["type"].endswith(".delta"))


def finished(item: Any) -> str:
    """Return what the deltas of `item` must add up to."""
    parts = item.get("content") or item.get("summary") or ()
    return str(item.get("input") or "".join(part["text"] for part in parts) or _arguments(item))


def _arguments(item: Any) -> str:
    return str(item["arguments"]) if item["type"] == "function_call" else ""


def called(output: Sequence[Any]) -> list[tuple[str, Any]]:
    """Return the calls in `output` as the model made them."""
    found: list[tuple[str, Any]] = []
    for item in output:
        if item["type"] == "custom_tool_call":
            found.append((item["name"], {"input": item["input"]}))
        elif item["type"] == "tool_search_call":
            assert item["execution"] == "client"
            found.append(("tool_search", item["arguments"]))
        elif item["type"] == "function_call":
            space = f"{item['namespace']}__" if "namespace" in item else ""
            found.append((space + item["name"], json.loads(item["arguments"])))
    return found


@pytest.mark.parametrize("api", APIS)
@settings(deadline=None)
@given(said=SAID, data=st.data())
def test_a_stream_that_breaks_off_never_looks_whole(
    api: str, said: list[Said], data: st.DataObject
) -> None:
    stream = ENCODERS[api](Turn(said), 1)
    last = stream.rstrip().rfind(b"\n\n", 0, stream.rfind(MARK_OF_END[api]))
    cut = data.draw(st.integers(0, last))
    with pytest.raises(UpstreamError):
        translated(api, [stream[:cut]])


MARK_OF_END = {
    "openai-chat": b'"finish_reason": "',
    "anthropic": b"message_stop",
    "gemini": b'"finishReason"',
    "vertex": b'"finishReason"',
}
