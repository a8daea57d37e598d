"""A request to count tokens in, the count out: what the answer to the same messages would say."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from provisioner.gateway.body import BODY_LIMIT, BodyTooLargeError, UnreadableBodyError, decoded
from provisioner.gateway.json_parts import read_json
from provisioner.gateway.upstreams.conversation import position
from provisioner.gateway.upstreams.protocol import UpstreamRequest
from provisioner.gateway.upstreams.script import Script
from provisioner.gateway.upstreams.scripted_answer import answer, due_turn

__all__ = ["COUNT_PATH", "token_count"]

COUNT_PATH = "/v1/messages/count_tokens"
"""Where the Messages API counts."""

_Answer = tuple[int, Mapping[str, object]]


def token_count(script: Script, request: UpstreamRequest) -> _Answer:
    """Return status and document; tokens in the cache count too, as Anthropic has it."""
    try:
        plain = decoded(request.body, request.headers.get("Content-Encoding", ""), BODY_LIMIT)
        document = read_json(plain)
    except (BodyTooLargeError, UnreadableBodyError, ValueError, RecursionError):
        return _refusal("the body is not valid JSON")
    if not isinstance(document, dict):
        return _refusal("the body must be a JSON object")
    if not isinstance(document.get("messages"), list):
        return _refusal("messages: field required")
    _, outputs = position(document["messages"])
    said = answer(due_turn(script, outputs), replace(request, document=document))
    return 200, {"input_tokens": said.usage.input_tokens}


def _refusal(message: str) -> _Answer:
    return 400, {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": message},
    }
