"""The records: what is written when an interception starts and ends, and what is read back.

Field meanings are those of Coder's AI Gateway. Times are aware and in UTC.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

__all__ = [
    "InterceptionEnd",
    "InterceptionRecord",
    "InterceptionStart",
    "ModelThought",
    "Outcome",
    "PromptUsage",
    "Record",
    "Spent",
    "TokenUsage",
    "ToolUsage",
]


class Outcome(enum.StrEnum):
    """How an interception ended, or that it has not."""

    RUNNING = "running"
    """No end is recorded: it goes on, or its gateway was killed a moment ago."""
    COMPLETED = "completed"
    """The upstream answered in full and the client got all of it."""
    FAILED = "failed"
    """The upstream failed, refused or broke off."""
    CANCELLED = "cancelled"
    """The client went away, or the gateway stopped."""
    INTERRUPTED = "interrupted"
    """Its gateway was killed and could not record an end."""


class TokenUsage(Struct, frozen=True):
    """Tokens of one answer; `input` excludes what was read from the cache."""

    msg_id: str
    input: int
    output: int
    cache_read: int
    output_reasoning: int
    total: int
    created_at: datetime
    cache_write: int = 0


class PromptUsage(Struct, frozen=True):
    """The text a human sent."""

    msg_id: str
    prompt: str
    created_at: datetime


class ToolUsage(Struct, frozen=True):
    """One tool call the model asked for; `args_json` is its arguments as JSON text."""

    msg_id: str
    tool: str
    tool_call_id: str
    args_json: str
    created_at: datetime
    server_url: str | None = None
    injected: bool = False
    invocation_error: str | None = None

    @property
    def args(self) -> Any:  # noqa: ANN401 - any JSON value
        """The arguments: an object, or the raw text when the model sent no JSON."""
        return json.loads(self.args_json)


class ModelThought(Struct, frozen=True):
    """A piece of reasoning; `source` is `reasoning_summary` or `commentary`."""

    content: str
    source: str
    created_at: datetime


class Spent(Struct, frozen=True):
    """What budgets have to bear of one request: unit → amount, and the provider that answered.

    With `at_least_reserved` it is no less than what was reserved.
    """

    provider: str
    amounts: Mapping[str, int]
    at_least_reserved: bool = False


class InterceptionStart(Struct, frozen=True):
    """One intercepted request, as known before the upstream is asked.

    `initiator` is the user's name and `initiator_id` the id, empty when there is none. `route` is
    that of the API, such as `/v1/responses`. The agent firewall of a workspace numbers requests.
    `auth_mode` says who pays, empty where no access file is enforced.
    """

    id: str
    initiator: str
    provider: str
    provider_type: str
    model: str
    started_at: datetime
    client: str
    user_agent: str
    client_session_id: str | None
    correlating_tool_call_id: str | None
    credential_kind: str
    credential_hint: str
    initiator_id: str = ""
    route: str = ""
    agent_firewall_session_id: str | None = None
    agent_firewall_sequence_number: int | None = None
    auth_mode: str = ""


class InterceptionEnd(Struct, frozen=True):
    """How interception `id` ended, with all that was seen on the way.

    `status` is the HTTP status the client got, None when it got none. `provider`, `model` and
    `credential_hint` are of those that answered where others were asked first, else empty.
    """

    id: str
    ended_at: datetime
    outcome: Outcome
    status: int | None
    error: str
    token_usage: tuple[TokenUsage, ...] = ()
    prompts: tuple[PromptUsage, ...] = ()
    tools: tuple[ToolUsage, ...] = ()
    thoughts: tuple[ModelThought, ...] = ()
    provider: str = ""
    model: str = ""
    credential_hint: str = ""


Record = InterceptionStart | InterceptionEnd
"""What a gateway writes."""


class InterceptionRecord(Struct, frozen=True):
    """Everything held about one interception; `ended_at` is None while it runs.

    `thread_parent_id` is the interception that asked for the tool call this one brings the output
    of, `thread_root_id` the first of that loop: both are None for a thread's first interception.
    """

    id: str
    initiator: str
    provider: str
    provider_type: str
    model: str
    started_at: datetime
    ended_at: datetime | None
    client: str
    user_agent: str
    client_session_id: str | None
    correlating_tool_call_id: str | None
    credential_kind: str
    credential_hint: str
    outcome: Outcome
    status: int | None
    error: str
    token_usage: tuple[TokenUsage, ...]
    prompts: tuple[PromptUsage, ...]
    tools: tuple[ToolUsage, ...]
    thoughts: tuple[ModelThought, ...]
    initiator_id: str = ""
    route: str = ""
    agent_firewall_session_id: str | None = None
    agent_firewall_sequence_number: int | None = None
    auth_mode: str = ""
    session_id: str = ""
    thread_parent_id: str | None = None
    thread_root_id: str | None = None
