"""How a request wants to be answered in, Google's settings for it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.gateway.translate.anthropic_thinking import BUDGETS
from provisioner.gateway.translate.conversation import Asked
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.protocol import Limits
from provisioner.knowledge.upstream_models import upstream_model

__all__ = ["generation_config", "service_tier"]

_TIERS = {"default": "standard", "fast": "priority", "flex": "flex", "priority": "priority"}


def generation_config(asked: Asked, limits: Limits) -> Mapping[str, Any]:
    """Return the `generationConfig` for `asked`."""
    wishes = asked.wishes
    wanted = {
        "maxOutputTokens": wishes.max_output_tokens or limits.max_output_tokens,
        "temperature": wishes.temperature,
        "topP": wishes.top_p,
        "thinkingConfig": _thinking(asked) or None,
        **(_format(wishes.format) if wishes.format else {}),
    }
    if wishes.verbosity is not None:
        asked.dropped.add("text.verbosity")
    return {name: value for name, value in wanted.items() if value is not None}


def service_tier(tier: str | None, dropped: Dropped) -> Mapping[str, Any]:
    """Return the `serviceTier` for that of a request."""
    if tier in (None, "auto"):
        return {}
    if tier not in _TIERS:
        dropped.add("service_tier")
        return {}
    return {"serviceTier": _TIERS[tier]}


def _format(form: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = form.get("schema")
    own = {"responseJsonSchema": schema} if isinstance(schema, dict) else {}
    return {"responseMimeType": "application/json", **own}


def _thinking(asked: Asked) -> Mapping[str, Any]:
    effort = asked.wishes.effort
    if effort is None:
        return {}
    model = upstream_model("gemini", asked.model)
    shown = {"includeThoughts": asked.wishes.summary}
    if model.thinking == "none":
        asked.dropped.add("reasoning.effort")
        return {}
    if not effort:
        return shown
    if model.thinking == "budget":
        wanted = 0 if effort == "none" else BUDGETS.get(effort, BUDGETS["medium"])
        return {**shown, "thinkingBudget": max(wanted, model.least_budget)}
    return {**shown, "thinkingLevel": model.effort(effort).upper()}
