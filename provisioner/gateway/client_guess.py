"""Request headers in, the AI client that sent them and its session id out.

A guess for records only: nothing is decided by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

__all__ = ["CLIENTS", "Client", "guess_client", "session_id"]


class Client(Struct, frozen=True):
    """How one AI client is known, and which headers may hold its session id, best first."""

    name: str
    agents: tuple[str, ...] = ()
    originator: str = ""
    header: str = ""
    session_headers: tuple[str, ...] = ()
    in_body: bool = False


_UNKNOWN = Client("Unknown")

# Order decides; agents are lower-case prefixes of User-Agent. Source: Coder's AI Gateway.
CLIENTS = (
    Client("Mux", ("mux/",), session_headers=("x-mux-workspace-id",)),
    Client("Xum", ("xum/",), session_headers=("x-mux-workspace-id",)),
    Client("Claude Code", ("claude",), session_headers=("x-claude-code-session-id",), in_body=True),
    Client("Codex", ("codex",), session_headers=("session-id", "session_id")),
    Client("Zed", ("zed/",)),
    Client(
        "GitHub Copilot (VS Code)", ("githubcopilotchat/",), session_headers=("x-interaction-id",)
    ),
    Client("GitHub Copilot (CLI)", ("copilot/",), session_headers=("x-client-session-id",)),
    Client("Kilo Code", ("kilo-code/",), "kilo-code", session_headers=("x-kilocode-taskid",)),
    Client("Roo Code", ("roo-code/",), "roo-code"),
    Client("Coder Agents", ("coder-agents/",), session_headers=("x-coder-chat-id",)),
    Client("Charm Crush", ("charm crush/", "charm-crush/")),
    Client("Cursor", header="x-cursor-client-version"),
    Client(
        "OpenCode", ("opencode/",), session_headers=("x-opencode-session", "x-session-affinity")
    ),
    Client("Junie", ("junie:",)),
)


def guess_client(headers: Mapping[str, str]) -> Client:
    """Return the first client that `headers` (names in any case) look like, or "Unknown"."""
    agent = headers.get("User-Agent", "").lower()
    originator = headers.get("originator", "")
    for client in CLIENTS:
        if client.agents and agent.startswith(client.agents):
            return client
        if client.originator and client.originator == originator:
            return client
        if client.header and client.header in headers:
            return client
    return _UNKNOWN


def session_id(
    client: Client, headers: Mapping[str, str], document: Mapping[str, Any] | None = None
) -> str | None:
    """Return the session id that `client` put in `headers`, else in the body `document`.

    A blank one counts as none.
    """
    for name in client.session_headers:
        value = headers.get(name, "").strip()
        if value:
            return value
    return _in_user_id(document) if client.in_body and document else None


def _in_user_id(document: Mapping[str, Any]) -> str | None:
    """Return the session id in `metadata.user_id`: JSON with one, or text that ends with it."""
    metadata = document.get("metadata")
    text = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = {"session_id": text.partition("_session_")[2]}
    found = value.get("session_id") if isinstance(value, dict) else None
    return found.strip() or None if isinstance(found, str) else None
