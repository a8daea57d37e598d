"""Which client and session the gateway thinks a request comes from."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from provisioner.gateway.client_guess import guess_client, session_id


@pytest.mark.parametrize(
    ("headers", "client", "session"),
    [
        (
            {"User-Agent": "codex_exec/0.169.0 (Debian)", "session-id": "s1", "session_id": "s2"},
            "Codex",
            "s1",
        ),
        ({"User-Agent": "Codex/1", "session-id": " ", "session_id": " s2 "}, "Codex", "s2"),
        ({"User-Agent": "codex_cli_rs/0.122.0"}, "Codex", None),
        ({"User-Agent": "claude-cli/2.0", "X-Claude-Code-Session-Id": "c"}, "Claude Code", "c"),
        ({"User-Agent": "mux/1", "X-Mux-Workspace-Id": "w"}, "Mux", "w"),
        ({"User-Agent": "Zed/0.200"}, "Zed", None),
        (
            {"User-Agent": "GitHubCopilotChat/1", "x-interaction-id": "i"},
            "GitHub Copilot (VS Code)",
            "i",
        ),
        ({"User-Agent": "copilot/1", "X-Client-Session-Id": "i"}, "GitHub Copilot (CLI)", "i"),
        ({"originator": "kilo-code", "X-KILOCODE-TASKID": "t"}, "Kilo Code", "t"),
        ({"User-Agent": "Roo-Code/3"}, "Roo Code", None),
        ({"User-Agent": "coder-agents/1", "X-Coder-Chat-Id": "c"}, "Coder Agents", "c"),
        ({"User-Agent": "Charm Crush/1"}, "Charm Crush", None),
        ({"X-Cursor-Client-Version": "1", "session-id": "not Cursor's"}, "Cursor", None),
        ({"User-Agent": "opencode/1", "x-session-affinity": "a"}, "OpenCode", "a"),
        ({"User-Agent": "Junie:1"}, "Junie", None),
        ({"User-Agent": "curl/8 codex", "session-id": "s"}, "Unknown", None),
        ({}, "Unknown", None),
    ],
)
def test_guess(headers: dict[str, str], client: str, session: str | None) -> None:
    sent = CIMultiDict(headers)
    guessed = guess_client(sent)

    assert guessed.name == client
    assert session_id(guessed, sent) == session


@pytest.mark.parametrize(
    ("user_id", "session"),
    [
        ('{"session_id": " s ", "account": "a"}', "s"),
        ("user_1_account_2_session_s", "s"),
        ("user_1_account_2_session_", None),
        ("user_1", None),
        ('{"session_id": 7}', None),
        ("[" * 100_000, None),
        ("[]", None),
        (7, None),
    ],
)
def test_claude_code_may_say_it_in_the_body(user_id: object, session: str | None) -> None:
    document = {"metadata": {"user_id": user_id}}
    claude = guess_client(CIMultiDict({"User-Agent": "claude-cli/1"}))
    codex = guess_client(CIMultiDict({"User-Agent": "codex/1"}))

    assert session_id(claude, {}, document) == session
    assert session_id(claude, {"x-claude-code-session-id": "h"}, document) == "h"
    assert session_id(claude, {}, {"metadata": 7}) is None
    assert session_id(codex, {}, document) is None
