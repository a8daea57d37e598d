"""How much reasoning is wanted in, Anthropic's settings for it out.

Models take either a budget in tokens or a word, and refuse the other; which one is in
provisioner/knowledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.gateway.translate.conversation import Asked, Call, Thought
from provisioner.knowledge.upstream_models import UpstreamModel, upstream_model

__all__ = ["BUDGETS", "thinking"]

BUDGETS: Mapping[str, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 24576,
    "max": 32768,
}
"""Tokens for each effort that Codex knows, as no API says how many they are."""

_LEAST_BUDGET = 1024


def thinking(asked: Asked, max_tokens: int) -> dict[str, Any]:
    """Return the settings for `asked`, whose answer may have `max_tokens`; none for the default."""
    effort = asked.wishes.effort
    if effort is None:
        return {}
    model = upstream_model("anthropic", asked.model)
    if asked.wishes.choice.mode in ("required", "one"):
        # The API refuses both at once.
        asked.dropped.add("reasoning.effort")
        return {}
    if model.thinking == "none":
        asked.dropped.add("reasoning.effort")
        return {}
    if model.thinking == "budget":
        return _budget(asked, effort, max_tokens)
    return _effort(model, effort, summary=asked.wishes.summary)


def _budget(asked: Asked, effort: str, max_tokens: int) -> dict[str, Any]:
    if effort == "none":
        return {}
    budget = min(BUDGETS.get(effort, BUDGETS["medium"]), max_tokens // 2)
    if budget < _LEAST_BUDGET or not _may_go_on(asked):
        asked.dropped.add("reasoning.effort")
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def _may_go_on(asked: Asked) -> bool:
    """Say whether the model's last turn began with its own thoughts, if it waits for results.

    After a change of the provider in the middle of a turn they are missing; the API would refuse
    to think on.
    """
    last = asked.rounds[-1]
    if not any(isinstance(part, Call) for part in last.model):
        return True
    return isinstance(last.model[0], Thought)


def _effort(model: UpstreamModel, effort: str, *, summary: bool) -> dict[str, Any]:
    if effort == "none" and model.thinking == "effort":
        return {"thinking": {"type": "disabled"}}
    display = "summarized" if summary else "omitted"
    settings: dict[str, Any] = {"thinking": {"type": "adaptive", "display": display}}
    if effort:
        settings["output_config"] = {"effort": model.effort(effort)}
    return settings
