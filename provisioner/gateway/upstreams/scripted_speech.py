"""The three APIs that a script can be played in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.gateway.upstreams.response_events import event_stream
from provisioner.gateway.upstreams.script_failure import Failure
from provisioner.gateway.upstreams.scripted_answer import ScriptedAnswer
from provisioner.gateway.upstreams.scripted_chat import chat_completion, chat_events, chat_failure
from provisioner.gateway.upstreams.scripted_failure import failed_response, response_failure
from provisioner.gateway.upstreams.scripted_messages import (
    message,
    message_events,
    message_failure,
)

__all__ = ["SPEECHES", "Speech"]


@dataclass(frozen=True, slots=True)
class Speech:
    """How one API says an answer, in one piece and in events, and that it failed.

    What says a failure is None where it cannot be said.
    """

    whole: Callable[[ScriptedAnswer], Mapping[str, Any]]
    events: Callable[[ScriptedAnswer], Iterable[bytes]]
    failed: Callable[[ScriptedAnswer, Failure], bytes | None]
    failed_whole: Callable[[Failure, ScriptedAnswer], Mapping[str, Any] | None]


def _failed(
    told: Callable[[ScriptedAnswer, str | None], bytes],
) -> Callable[[ScriptedAnswer, Failure], bytes | None]:
    def failed(said: ScriptedAnswer, failure: Failure) -> bytes | None:
        if failure.failed is not None:
            return told(said, failure.failed.message)
        return told(said, None) if failure.incomplete else None

    return failed


def _unsaid(_: Failure, __: ScriptedAnswer) -> None:
    """Say that only a status tells of a failure."""


SPEECHES: Mapping[str, Speech] = {
    "/responses": Speech(ScriptedAnswer.response, event_stream, response_failure, failed_response),
    "/chat/completions": Speech(chat_completion, chat_events, _failed(chat_failure), _unsaid),
    "/v1/messages": Speech(message, message_events, _failed(message_failure), _unsaid),
}
"""By the path that a request is sent to."""
