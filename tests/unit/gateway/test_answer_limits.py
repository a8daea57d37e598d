"""What is kept of an answer for its record has a limit, however the answer comes in pieces."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from provisioner.gateway.chat_api import ChatReader
from provisioner.gateway.messages_api import MessagesReader
from provisioner.gateway.responses_api import MOST_ITEMS, ResponseReader
from provisioner.gateway.wire_format import AnswerReader

MOST_TEXT = 8 * 1024 * 1024
PIECE = "x" * 1_000_000


def event(document: object) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()


def chat_call(index: int, text: str) -> bytes:
    call = {"index": index, "id": f"c{index}", "function": {"name": "f", "arguments": text}}
    return event({"choices": [{"delta": {"tool_calls": [call]}}]})


def messages_call(index: int, text: str) -> bytes:
    block = {"type": "tool_use", "id": f"c{index}", "name": "f", "input": {}}
    delta = {"type": "input_json_delta", "partial_json": text}
    return event({"type": "content_block_start", "index": index, "content_block": block}) + event(
        {"type": "content_block_delta", "index": index, "delta": delta}
    )


def responses_call(index: int, text: str) -> bytes:
    item = {"type": "function_call", "call_id": f"c{index}", "name": "f", "arguments": text}
    return event({"type": "response.output_item.done", "output_index": index, "item": item})


READERS: list[tuple[Callable[[], AnswerReader], Callable[[int, str], bytes]]] = [
    (ChatReader, chat_call),
    (MessagesReader, messages_call),
    (ResponseReader, responses_call),
]


def arguments(reader: AnswerReader) -> list[str]:
    return [item["arguments"] for item in reader.facts().items]


@pytest.mark.parametrize(("kind", "call"), READERS)
def test_only_so_many_calls_are_kept(
    kind: Callable[[], AnswerReader], call: Callable[[int, str], bytes]
) -> None:
    reader = kind()
    for index in range(MOST_ITEMS + 5):
        reader.feed(call(index, "{}"))

    assert arguments(reader) == ["{}"] * MOST_ITEMS


@pytest.mark.parametrize(("kind", "call"), READERS)
def test_only_so_much_text_is_kept(
    kind: Callable[[], AnswerReader], call: Callable[[int, str], bytes]
) -> None:
    reader = kind()
    for index in range(20):
        reader.feed(call(index, PIECE))

    kept = "".join(arguments(reader)).count("x")
    assert MOST_TEXT - len(PIECE) < kept <= MOST_TEXT


def test_arguments_in_many_pieces_are_one_text() -> None:
    pieces = [f"{number}," for number in range(3000)]
    chat, messages = ChatReader(), MessagesReader()
    messages.feed(messages_call(0, ""))
    for piece in pieces:
        chat.feed(chat_call(0, piece))
        delta = {"type": "input_json_delta", "partial_json": piece}
        messages.feed(event({"type": "content_block_delta", "index": 0, "delta": delta}))

    assert arguments(chat) == arguments(messages) == ["".join(pieces)]
