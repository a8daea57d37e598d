"""A turn that goes wrong: the events or the answer that a failure leaves of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.gateway.upstreams.protocol import UpstreamCutError, UpstreamError
from provisioner.gateway.upstreams.script_failure import Ending, Failure
from provisioner.gateway.upstreams.scripted_answer import ScriptedAnswer

__all__ = ["failed_response", "failed_stream", "response_failure", "stop"]

_BREAK = "the script breaks off here"


def failed_response(failure: Failure, said: ScriptedAnswer) -> dict[str, Any] | None:
    """Return the response object that says `failure`, None when it cannot be said in one."""
    if failure.failed is not None:
        error = {"code": failure.failed.code or None, "message": failure.failed.message}
        return {**said.opening(), "status": "failed", "error": error}
    if failure.incomplete:
        details = {"reason": failure.incomplete}
        return {**said.response(), "status": "incomplete", "incomplete_details": details}
    return None


def response_failure(said: ScriptedAnswer, failure: Failure) -> bytes | None:
    """Return the event that says `failure`, None when it cannot be said in one."""
    response = failed_response(failure, said)
    return None if response is None else _event(f"response.{response['status']}", response)


def failed_stream(
    failure: Failure, told: bytes | None, events: Sequence[bytes]
) -> tuple[bytes, ...]:
    """Return what is left of `events`, and what stands in place of the rest.

    `told` is the event that says the failure, None where there is none.
    """
    count = len(events) - 1 if failure.after_events is None else failure.after_events
    first = tuple(events[:count])
    if told is not None:
        return (*first, told)
    if failure.event:
        return (*first, f"{failure.event.strip()}\n\n".encode())
    return first


async def stop(ending: Ending | None) -> None:
    """End an answer as `ending` says: raise, wait for ever, or do nothing."""
    if ending is Ending.RESET:
        raise UpstreamCutError
    if ending is Ending.BREAK:
        raise UpstreamError(_BREAK)
    if ending is Ending.STALL:
        await asyncio.Event().wait()


def _event(name: str, response: Mapping[str, Any]) -> bytes:
    data = json.dumps({"type": name, "response": response}, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()
