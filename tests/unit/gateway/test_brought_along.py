"""Rules on tools, MCP servers and URLs: every spelling of them that the APIs have is judged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.gateway.actor import Actor
from provisioner.gateway.policy.denial import DeniedError
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.policy.judged import Asked
from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.policy.rules import RulesCheck

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def refusal(rules: Mapping[str, object], document: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the reason and the message of a refusal, None for none."""
    policy = KeyPolicy.model_validate({"policy_rules": rules})
    actor = Actor("ada", "1", token_id="t", policy=policy)
    request = Asked("i", "responses", actor, "gpt-5.5", document, 9, {}, None, NOW)
    try:
        asyncio.run(PolicyEngine([RulesCheck()]).judge(request))
    except DeniedError as error:
        return error.denial.reason.value, error.denial.message
    return None


TOOLS = {
    "tools": [
        {"type": "function", "name": "exec_command"},
        {"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "spawn"}]},
        {"type": "web_search"},
        {"type": "mcp", "server_label": "files", "server_url": "https://mcp.example/sse"},
    ],
    "input": [
        {"type": "additional_tools", "tools": [{"type": "custom", "name": "apply_patch"}]},
        {
            "type": "function_call",
            "name": "exec_command",
            "arguments": json.dumps({"a": [{"targetUrl": "http://evil.example/x"}]}),
        },
        {"type": "function_call", "name": "x", "arguments": "{broken"},
    ],
}
CHAT = {
    "tools": [{"type": "function", "function": {"name": "shell"}}],
    "messages": [
        {"tool_calls": [{"function": {"arguments": '{"endpoint": "https://a.example"}'}}]},
        {"content": [{"type": "tool_use", "input": {"uri": "https://b.example"}}]},
        {"content": "https://c.example is only text"},
    ],
    "mcp_servers": [{"name": "notes", "url": "https://notes.example"}],
}


@pytest.mark.parametrize(
    ("rules", "document", "refused"),
    [
        ({"tools": {"deny": ["^exec_"]}}, TOOLS, ("tool_not_allowed", "exec_command")),
        ({"tools": {"deny": ["^spawn$"]}}, TOOLS, ("tool_not_allowed", "spawn")),
        ({"tools": {"deny": ["^agents$"]}}, TOOLS, None),
        ({"tools": {"deny": ["spawn$"]}}, TOOLS, ("tool_not_allowed", "agents.spawn")),
        ({"tools": {"deny": ["apply_patch"]}}, TOOLS, ("tool_not_allowed", "apply_patch")),
        ({"tools": {"deny": ["web_search"]}}, TOOLS, ("tool_not_allowed", "web_search")),
        ({"tools": {"allow": ["^exec"]}}, TOOLS, ("tool_not_allowed", "agents.spawn")),
        ({"tools": {"allow": []}}, CHAT, ("tool_not_allowed", "shell")),
        ({"tools": {"allow": ["."]}}, TOOLS, None),
        (
            {"mcp": {"deny": ["mcp[.]example"]}},
            TOOLS,
            ("mcp_not_allowed", "https://mcp.example/sse"),
        ),
        ({"mcp": {"deny": ["^notes$"]}}, CHAT, ("mcp_not_allowed", "notes")),
        ({"urls": {"deny": ["evil"]}}, TOOLS, ("url_not_allowed", "http://evil.example/x")),
        ({"urls": {"allow": ["//a[.]"]}}, CHAT, ("url_not_allowed", "https://b.example")),
        ({"urls": {"deny": ["c[.]example"]}}, CHAT, None),
        ({}, TOOLS, None),
    ],
)
def test_what_a_request_brings_along(
    rules: Mapping[str, object], document: Mapping[str, Any], refused: tuple[str, str] | None
) -> None:
    found = refusal(rules, document)

    if refused is None:
        assert found is None
    else:
        assert found is not None
        assert found[0] == refused[0]
        assert found[1].endswith(f"not allowed: {refused[1]}")


FUNCTION = {"type": "function", "name": "shell"}
BAD_SERVER = {"type": "namespace", "name": "mcp__bad", "tools": [{"name": "search"}]}
HOSTED = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp"}


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"tools": [FUNCTION]}, "shell"),
        ({"tools": [{"type": "namespace", "name": "functions", "tools": [FUNCTION]}]}, "shell"),
        (
            {
                "input": [
                    {
                        "type": "additional_tools",
                        "tools": [{"type": "namespace", "name": "n", "tools": [FUNCTION]}],
                    }
                ]
            },
            "shell",
        ),
        ({"input": [{"type": "tool_search_output", "tools": [FUNCTION]}]}, "shell"),
        ({"functions": [{"name": "shell"}]}, "shell"),
        ({"tools": [{"type": "custom", "custom": {"name": "shell"}}]}, "shell"),
    ],
)
def test_a_tool_in_each_of_its_places(document: Mapping[str, Any], shown: str) -> None:
    assert refusal({"tools": {"deny": ["^shell$"]}}, document) == (
        "tool_not_allowed",
        f"tool not allowed: {shown}",
    )
    # Either name lets a tool pass.
    assert refusal({"tools": {"allow": ["^shell$"]}}, document) is None


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"input": [{"type": "additional_tools", "tools": [HOSTED]}]}, "docs"),
        ({"tools": [{"type": "namespace", "name": "mcp__docs", "tools": []}]}, "docs"),
        ({"tools": [{"type": "namespace", "name": "mcp__docs__", "tools": []}]}, "docs"),
        ({"input": [{"type": "tool_search_output", "tools": [BAD_SERVER]}]}, "bad"),
        ({"tools": [{"type": "function", "name": "mcp__bad__search"}]}, "bad"),
        ({"tools": [{"type": "function", "name": "mcp__bad__find__all"}]}, "bad"),
        ({"tools": [{"type": "function", "function": {"name": "mcp__bad__x"}}]}, "bad"),
        ({"tools": [{"type": "mcp", "server_label": "x", "connector_id": "bad"}]}, "bad"),
    ],
)
def test_an_mcp_server_in_each_of_its_places(document: Mapping[str, Any], shown: str) -> None:
    assert refusal({"mcp": {"deny": ["^(docs|bad)$"]}}, document) == (
        "mcp_not_allowed",
        f"MCP server not allowed: {shown}",
    )
    assert refusal({"mcp": {"allow": [f"^{shown}$"]}}, document) is None
    assert refusal({"mcp": {"allow": ["^other$"]}}, document) is not None


@pytest.mark.parametrize("allowed", ["^docs$", "^https://docs[.]example/"])
def test_an_mcp_server_passes_by_its_name_or_its_url(allowed: str) -> None:
    assert refusal({"mcp": {"allow": [allowed]}}, {"tools": [HOSTED]}) is None
    assert refusal({"mcp": {"allow": ["^notes$"]}}, {"tools": [HOSTED]}) == (
        "mcp_not_allowed",
        "MCP server not allowed: docs",
    )
    assert refusal({"mcp": {"allow": ["^docs$"], "deny": ["docs[.]example"]}}, {"tools": [HOSTED]})


def test_the_url_of_another_server_is_no_name() -> None:
    posing = {"type": "mcp", "server_label": "https://docs.example/", "server_url": "https://bad"}

    assert refusal({"mcp": {"allow": ["^https://docs[.]example/"]}}, {"tools": [posing]}) == (
        "mcp_not_allowed",
        "MCP server not allowed: https://bad",
    )


def deep(levels: int, value: object) -> object:
    for _ in range(levels):
        value = {"a": [value]}
    return value


URL = "https://evil.example/x"


@pytest.mark.parametrize(
    "document",
    [
        {"input": [{"type": "function_call", "arguments": json.dumps({"urls": ["x", [URL]]})}]},
        {"input": [{"type": "function_call", "arguments": json.dumps({"url": f"\n {URL}"})}]},
        {"input": [{"type": "custom_tool_call", "input": json.dumps({"url": URL})}]},
        {"input": [{"type": "mcp_call", "arguments": json.dumps({"url": URL})}]},
        {"input": [{"type": "tool_search_call", "arguments": {"url": URL}}]},
        {"input": [{"type": "function_call", "arguments": json.dumps(deep(50, {"url": URL}))}]},
        {"messages": [{"function_call": {"arguments": json.dumps({"url": URL})}}]},
        {"messages": [{"tool_calls": [{"custom": {"input": json.dumps({"url": URL})}}]}]},
        {"messages": [{"content": [{"type": "mcp_tool_use", "input": {"url": URL}}]}]},
        {"input": [{"type": "function_call", "arguments": f'{{"n":{"1" * 5000},"url":"{URL}"}}'}]},
    ],
)
def test_a_url_in_each_of_its_places(document: Mapping[str, Any]) -> None:
    assert refusal({"urls": {"deny": ["^https://evil"]}}, document) == (
        "url_not_allowed",
        f"URL not allowed: {URL}",
    )
    assert refusal({"urls": {"deny": ["other"]}}, document) is None


def test_free_text_has_no_fields() -> None:
    document = {"input": [{"type": "custom_tool_call", "input": f"fetch('{URL}')"}]}

    assert refusal({"urls": {"deny": ["evil"]}}, document) is None


def test_what_is_too_long_to_be_matched_is_refused() -> None:
    document = {"tools": [{"type": "function", "name": "n" * 3_000}]}

    assert refusal({"tools": {"deny": ["x$"]}}, document) == (
        "tool_not_allowed",
        f"tool not allowed: {'n' * 80}",
    )
