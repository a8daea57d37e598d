"""Which tools, MCP servers and URLs a request may bring along.

Names are looked for where the APIs have them: Responses, chat completions and Messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Judged
from provisioner.gateway.policy.key_policy import PatternSet

__all__ = ["RulesCheck", "mcp_servers", "tool_names", "urls"]

_URL_NAME = re.compile("url|uri|endpoint", re.IGNORECASE)
_URL = re.compile(r"https?://", re.IGNORECASE)
_LONGEST = 2_048
_DEEPEST = 20


class RulesCheck:
    """Applies the patterns of the key; a key without any costs nothing."""

    async def judge(self, judged: Judged) -> None:
        """Raise `DeniedError` for the first thing that may not be."""
        policy = judged.asked.actor.policy
        if policy is None:
            return
        rules, document = policy.policy_rules, judged.asked.document
        if _has_any(rules.tools):
            _check(rules.tools, tool_names(document), Reason.TOOL_NOT_ALLOWED, "tool")
        if _has_any(rules.mcp):
            _check(rules.mcp, mcp_servers(document), Reason.MCP_NOT_ALLOWED, "MCP server")
        if _has_any(rules.urls):
            _check(rules.urls, urls(document), Reason.URL_NOT_ALLOWED, "URL")


def tool_names(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the tools that a request offers, those in namespaces too.

    Newer models of Codex bring them in an input item instead (measured on 0.145 and later).
    """
    yield from _names(document.get("tools"))
    for item in as_mappings(document.get("input")):
        if item.get("type") == "additional_tools":
            yield from _names(item.get("tools"))


def mcp_servers(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names and URLs of the MCP servers that the provider is to use."""
    for server in as_mappings(document.get("mcp_servers")):
        yield from (as_text(server.get(name)) for name in ("name", "url") if server.get(name))
    for tool in as_mappings(document.get("tools")):
        if tool.get("type") == "mcp":
            labels = ("server_label", "server_url")
            yield from (as_text(tool.get(name)) for name in labels if tool.get(name))


def urls(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the URLs in arguments of tool calls: in fields that are named as one."""
    for item in as_mappings(document.get("input")):
        if item.get("type") == "function_call":
            yield from _urls_in(_parsed(item.get("arguments")))
    for message in as_mappings(document.get("messages")):
        for call in as_mappings(message.get("tool_calls")):
            yield from _urls_in(_parsed(as_object(call.get("function")).get("arguments")))
        for block in as_mappings(message.get("content")):
            if block.get("type") == "tool_use":
                yield from _urls_in(block.get("input"))


def _names(tools: object) -> Iterator[str]:
    for tool in as_mappings(tools):
        inner = as_object(tool.get("function"))
        name = as_text(tool.get("name")) or as_text(inner.get("name")) or as_text(tool.get("type"))
        if tool.get("type") == "namespace":
            yield from (f"{name}.{member}" for member in _names(tool.get("tools")))
        elif name:
            yield name


def _urls_in(value: object, deep: int = 0) -> Iterator[str]:
    if deep > _DEEPEST:
        return
    if isinstance(value, dict):
        for name, entry in value.items():
            is_url = isinstance(entry, str) and _URL_NAME.search(name) and _URL.match(entry)
            if is_url:
                yield entry
            else:
                yield from _urls_in(entry, deep + 1)
    elif isinstance(value, list):
        for entry in value:
            yield from _urls_in(entry, deep + 1)


def _parsed(arguments: object) -> object:
    try:
        return json.loads(as_text(arguments))
    except (ValueError, RecursionError):
        return None


def _has_any(patterns: PatternSet) -> bool:
    return bool(patterns.deny) or patterns.allow is not None


def _check(patterns: PatternSet, found: Iterator[str], reason: Reason, what: str) -> None:
    for name in found:
        # What no pattern may be asked about for long cannot be let through either.
        if len(name) > _LONGEST or patterns.refuses(name):
            shown = name[:80]
            raise DeniedError(Denial(reason, f"{what} not allowed: {shown}"))
