"""Answers the gateway writes itself, as bytes, and the exception that carries one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

__all__ = ["Answer", "WireError", "json_answer", "text_answer"]


class Answer(Struct, frozen=True):
    """A whole HTTP answer: status, body and the headers that describe the body."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class WireError(Exception):
    """The request cannot be served; `answer` is what the client gets."""

    def __init__(self, answer: Answer) -> None:
        """Keep `answer`; the message holds the status alone, so that logs hold nothing else."""
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer

    def with_headers(self, headers: Mapping[str, str]) -> WireError:
        """Return the same answer with `headers` besides its own, or in their place."""
        return WireError(replace(self.answer, headers={**self.answer.headers, **headers}))


def text_answer(status: int, message: str) -> Answer:
    """Return `message` as one line of plain text that no browser may take for anything else."""
    return Answer(
        status,
        f"{message}\n".encode(errors="replace"),
        {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"},
    )


def json_answer(status: int, document: Mapping[str, object], content_type: str) -> Answer:
    """Return `document` as compact JSON in one line, without a final newline."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": content_type})
