"""An interception that begins: its id and time at once, its record when there is time for it."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from provisioner.gateway.actor import CredentialKind
from provisioner.gateway.call import Call
from provisioner.gateway.client_guess import guess_client, session_id
from provisioner.gateway.policy.judged import Judged
from provisioner.gateway.record.model import InterceptionStart
from provisioner.gateway.responses_api import RequestFacts
from provisioner.gateway.upstreams.protocol import Credential

__all__ = ["Beginning", "new_id"]


def new_id() -> str:
    """Return a UUID of version 7 (RFC 9562) as text: the time, then what is random.

    What is stored together lies together in every index then; with random ids each of them changed
    another page, and a write took twice as long in a database of 20,000 records.

    It is no secret. To ask the system for it would give the interpreter to other threads, and the
    generator is another one in each process.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    finer = (rest << 12) // 1_000_000
    number = milliseconds << 80 | 7 << 76 | finer << 64 | 2 << 62 | random.getrandbits(62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Beginning(Struct):
    """One request that is about to be sent on.

    `said` is the outline of its body, `credential` the user's own. What policy says of it is told
    by `judged`, or by `auth_mode` where it refuses.
    """

    call: Call
    facts: RequestFacts
    said: Mapping[str, Any]
    credential: Credential | None
    id: str = field(default_factory=new_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    judged: Judged | None = None
    auth_mode: str = ""
    _record: InterceptionStart | None = None

    @property
    def weight(self) -> int:
        """About how many bytes the record has that the client chose."""
        return len(self.call.request.headers.get("User-Agent", "")) + len(self.facts.model)

    def record(self) -> InterceptionStart:
        """Return its record, made when it is first asked for: whoever is answered goes first."""
        if self._record is None:
            said, self.said = self.said, {}
            start = self._start(said)
            self._record = start if self.judged is None else _as_judged(start, self.judged)
        return self._record

    def _start(self, said: Mapping[str, Any]) -> InterceptionStart:
        call, facts, credential = self.call, self.facts, self.credential
        provider, firewall, headers = call.route.provider, call.firewall, call.request.headers
        client = guess_client(headers)
        hint = credential.secret.hint if credential else ""
        return InterceptionStart(
            id=self.id,
            initiator=call.actor.user,
            initiator_id=call.actor.id,
            provider=provider.name if provider else "",
            provider_type=provider.type if provider else "",
            route=(provider.kind.prefix if provider else "") + call.route.path,
            model=facts.model,
            started_at=self.at,
            client=client.name,
            user_agent=headers.get("User-Agent", ""),
            client_session_id=session_id(client, headers, said),
            correlating_tool_call_id=facts.correlating_tool_call_id,
            credential_kind=CredentialKind.BYOK if credential else CredentialKind.CENTRALIZED,
            credential_hint=hint or (provider.key_hint if provider else ""),
            agent_firewall_session_id=firewall.session_id if firewall else None,
            agent_firewall_sequence_number=firewall.number if firewall else None,
            auth_mode=self.auth_mode,
        )


def _as_judged(start: InterceptionStart, judged: Judged) -> InterceptionStart:
    """Return `start` with who pays, and the provider and the model that are asked first."""
    first = judged.candidates[0]
    if judged.auth_mode:
        start = replace(start, auth_mode=judged.auth_mode)
    if (start.provider, start.model) == (first.provider.name, first.model):
        return start
    provider = first.provider
    told = replace(start, provider=provider.name, provider_type=provider.type, model=first.model)
    if start.credential_kind == CredentialKind.BYOK:
        return told
    return replace(told, credential_hint=provider.key_hint)
