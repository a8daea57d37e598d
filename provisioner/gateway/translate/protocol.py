"""What each API behind has to offer: to write a request, to read an answer, to read an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.conversation import Asked
from provisioner.gateway.translate.trouble import Trouble

__all__ = ["AnswerReader", "Api", "Limits", "Written"]


class AnswerReader(Protocol):
    """Reads one answer, and tells an `AnswerEvents` what happens in it."""

    def event(self, document: Mapping[str, Any]) -> None:
        """Take the next event of the stream."""

    def whole(self, document: Mapping[str, Any]) -> None:
        """Take an answer that came in one piece though a stream was asked for."""

    def end(self) -> None:
        """Take note that the stream is over; ends the answer if it may end there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the configuration says of the models: the longest answer, None for each model's own."""

    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A request of an API: path behind the base URL, query, headers and JSON body."""

    path: str
    body: dict[str, Any]
    query: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """One API. `name` is whose reasoning is sealed; `key_header` takes a key."""

    name: str
    key_header: str
    write: Callable[[Asked, Limits], Written]
    reader: Callable[[AnswerEvents], AnswerReader]
    trouble: Callable[[int, Mapping[str, Any], str], Trouble]
    """Status, error body (empty if it is not JSON) and its text in, what is wrong out."""
