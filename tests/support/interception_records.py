"""Records as a gateway makes them, with something in every field."""

from __future__ import annotations

from datetime import datetime

import msgspec

from provisioner.gateway.record.model import InterceptionStart

__all__ = ["interception_start"]


def interception_start(name: str, at: datetime, **changes: object) -> InterceptionStart:
    """Return the start of the interception `name`, a request of Ada's with Codex."""
    plain = InterceptionStart(
        id=name,
        initiator="ada",
        provider="openai",
        provider_type="openai",
        model="gpt-5.5",
        started_at=at,
        client="Codex",
        user_agent="codex/1",
        client_session_id=None,
        correlating_tool_call_id=None,
        credential_kind="centralized",
        credential_hint="",
        initiator_id="id of ada",
    )
    return msgspec.structs.replace(plain, **changes)  # type: ignore[arg-type]
