"""What an export holds: every field of a record, under the names that Coder gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from provisioner.gateway.record.document import record_document
from provisioner.gateway.record.model import (
    InterceptionEnd,
    ModelThought,
    Outcome,
    PromptUsage,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.store import read_interceptions
from provisioner.gateway.record.write import write_records
from tests.support.interception_records import interception_start

NOW = datetime(2026, 1, 1, microsecond=5, tzinfo=UTC)
AT = "2026-01-01T00:00:00.000005Z"
PARTS = {
    "token_usage": TokenUsage("m", 1, 2, 3, 4, 5, NOW, cache_write=6),
    "prompts": PromptUsage("m", "hello", NOW),
    "tools": ToolUsage("m", "exec", "call", "[1]", NOW, "http://mcp", True, "no such tool"),
    "thoughts": ModelThought("hm", "commentary", NOW),
}


def test_every_field_is_there(tmp_path: Path) -> None:
    start = interception_start(
        "a",
        NOW,
        provider="central",
        client_session_id="s-1",
        correlating_tool_call_id="call-0",
        route="/v1/responses",
        agent_firewall_session_id="f-1",
        agent_firewall_sequence_number=7,
        auth_mode="shared",
    )
    parts = {name: (part,) for name, part in PARTS.items()}
    end = InterceptionEnd("a", NOW, Outcome.COMPLETED, 200, "odd", **parts)  # type: ignore[arg-type]
    database = open_database(tmp_path, None)
    write_records(database, "g", [start, end])
    database.close()
    (record,) = read_interceptions(tmp_path)

    told = json.loads(json.dumps(record_document(record)))

    assert (told.pop("provider_name"), told.pop("provider")) == ("central", "openai")
    assert told.pop("started_at") == told.pop("ended_at") == AT
    assert told.pop("thread_parent_id") is told.pop("thread_root_id") is None
    for name, part in PARTS.items():
        assert told.pop(name) == [{**msgspec.structs.asdict(part), "created_at": AT}]
    assert told == {
        "id": "a",
        "route": "/v1/responses",
        "agent_firewall_session_id": "f-1",
        "agent_firewall_sequence_number": 7,
        "auth_mode": "shared",
        "initiator": "ada",
        "initiator_id": "id of ada",
        "model": "gpt-5.5",
        "client": "Codex",
        "user_agent": "codex/1",
        "client_session_id": "s-1",
        "session_id": "s-1",
        "correlating_tool_call_id": "call-0",
        "credential_kind": "centralized",
        "credential_hint": "",
        "outcome": "completed",
        "status": 200,
        "error": "odd",
    }
