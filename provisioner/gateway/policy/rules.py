"""Which tools, MCP servers and URLs a request may bring along."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.gateway.policy.brought import Names, mcp_servers, tools, urls
from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Judged
from provisioner.gateway.policy.key_policy import PatternSet

__all__ = ["RulesCheck"]


class RulesCheck:
    """Applies the patterns of the key; a key without any costs nothing."""

    async def judge(self, judged: Judged) -> None:
        """Raise `DeniedError` for the first thing that may not be."""
        policy = judged.asked.actor.policy
        if policy is None:
            return
        rules, document = policy.policy_rules, judged.asked.document
        if _has_any(rules.tools):
            _check(rules.tools, tools(document), Reason.TOOL_NOT_ALLOWED, "tool")
        if _has_any(rules.mcp):
            _check(rules.mcp, mcp_servers(document), Reason.MCP_NOT_ALLOWED, "MCP server")
        if _has_any(rules.urls):
            _check(rules.urls, urls(document), Reason.URL_NOT_ALLOWED, "URL")


def _has_any(patterns: PatternSet) -> bool:
    return bool(patterns.deny) or patterns.allow is not None


def _check(patterns: PatternSet, found: Iterator[Names], reason: Reason, what: str) -> None:
    judged: set[Names] = set()
    for names in found:
        if names in judged:
            # The history of a session says the same again and again.
            continue
        judged.add(names)
        refused = patterns.refusal(names)
        if refused is not None:
            raise DeniedError(Denial(reason, f"{what} not allowed: {refused[:80]}"))
