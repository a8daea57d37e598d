"""Headers of a request in, how the agent firewall of its workspace numbered it out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from msgspec import Struct

__all__ = ["AgentFirewall", "agent_firewall"]

_SESSION = "X-Coder-Agent-Firewall-Session-Id"
_NUMBER = "X-Coder-Agent-Firewall-Sequence-Number"
# What every database holds in a column of whole numbers.
_MOST = 2**63 - 1


class AgentFirewall(Struct, frozen=True):
    """One request as a firewall counts: the session, and its number in that."""

    session_id: str
    number: int


def agent_firewall(headers: Mapping[str, str]) -> AgentFirewall | None:
    """Return what the two headers say, None without both.

    Raises `ValueError` for one of them alone and for what is no UUID or no number.
    """
    session, number = headers.get(_SESSION), headers.get(_NUMBER)
    if session is None and number is None:
        return None
    if session is None or number is None:
        raise ValueError("only one of the two headers")
    if not (number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= _MOST):
        raise ValueError("not a number")
    return AgentFirewall(str(uuid.UUID(session)), int(number))
