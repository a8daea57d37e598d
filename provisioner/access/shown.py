"""Outcomes, catalog entries and profiles → what commands print: plain data and plain text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from provisioner.access.catalog import CatalogEntry
from provisioner.access.model import Denied, Outcome, Resolved, Step
from provisioner.access.profile import Profile

__all__ = ["as_data", "as_text", "entry_data", "explained", "profile_data"]


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Return everything that came out, as JSON can hold it."""
    steps = [_step_data(step) for step in outcome.steps]
    if isinstance(outcome, Denied):
        denial = {"code": str(outcome.code), "message": outcome.message}
        return {"version": 1, "allowed": False, **denial, "steps": steps}
    return {"version": 1, "allowed": True, **_resolved_data(outcome), "steps": steps}


def _resolved_data(resolved: Resolved) -> dict[str, Any]:
    limit = resolved.spend_at_most
    return {
        "authMode": str(resolved.mode),
        "provider": resolved.entry.provider,
        "modelId": resolved.entry.model_id,
        "effort": resolved.effort or None,
        "serviceTier": resolved.service_tier,
        "codexServiceTier": resolved.codex_service_tier or None,
        "contextWindow": resolved.context_window or resolved.entry.context_window,
        "pool": {"name": resolved.pool.name, "provider": str(resolved.pool.provider)},
        "gateway": {"kind": resolved.gateway.kind.name, "url": resolved.gateway.url or None},
        "flow": resolved.flow.name,
        "spendAtMostUsd": None if limit is None else str(limit),
        "codex": str(resolved.codex),
        "notes": list(resolved.notes),
    }


def _step_data(step: Step) -> dict[str, Any]:
    removed = [
        {"authMode": str(item.mode), "code": str(item.code), "reason": item.reason}
        for item in step.removed
    ]
    left = [str(mode) for mode in step.left]
    return {"name": step.name, "removed": removed, "left": left, "notes": list(step.notes)}


def as_text(resolved: Resolved) -> str:
    """Return one line for each thing that was decided."""
    window = resolved.context_window or resolved.entry.context_window
    tier = resolved.service_tier
    if tier != (resolved.codex_service_tier or tier):
        tier += f", as {resolved.codex_service_tier}"
    rows = {
        "auth mode": resolved.mode,
        "model": resolved.entry.id,
        "effort": resolved.effort or "the model's own",
        "service tier": tier,
        "context window": f"{window} tokens" if window else "unknown",
        "pool": f"{resolved.pool.name} ({resolved.pool.provider})",
        "flow": f"{resolved.flow.name}, through {resolved.gateway.kind.title}",
        "may spend": _dollars(resolved.spend_at_most),
    }
    lines = [f"{name:15} {value}" for name, value in rows.items()]
    return "\n".join([*lines, *(f"{'note':15} {note}" for note in resolved.notes)])


def explained(steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield what each step asked, what it took away and what it left."""
    for number, step in enumerate(steps, 1):
        yield f"{number:2} {step.name}: {step.question}"
        yield from (f"     {note}" for note in step.notes)
        yield from (f"   - {item.mode}: {item.code}: {item.reason}" for item in step.removed)
        if step.removed:
            yield f"   = {', '.join(step.left) or 'nothing is left'}"


def _dollars(amount: Decimal | None) -> str:
    return "without a limit" if amount is None else f"{amount} US dollars"


def entry_data(entry: CatalogEntry) -> dict[str, Any]:
    """Return a catalog entry under the names that rensei.ai has for its parts."""
    price = entry.price
    pricing = None
    if price is not None:
        thought = price.output if price.reasoning is None else price.reasoning
        pricing = {
            "inputPerMTokenCents": _cents(price.input),
            "cachedInputPerMTokenCents": _cents(price.cached_input),
            "outputPerMTokenCents": _cents(price.output),
            "reasoningPerMTokenCents": _cents(thought),
            "source": price.source,
        }
    return {
        "id": entry.id,
        "provider": entry.provider,
        "modelId": entry.model_id,
        "displayName": entry.display_name,
        "description": entry.description,
        "company": entry.company,
        "deprecated": entry.deprecated,
        "replacedByCatalogId": entry.replaced_by or None,
        "efforts": [
            {"value": item.value, "label": item.label, "providerParam": item.provider_param}
            for item in entry.efforts
        ],
        "authModes": [str(mode) for mode in entry.auth_modes],
        "contextWindow": entry.context_window,
        "maxContextWindow": entry.max_context_window or entry.context_window,
        "capabilityTags": list(entry.capability_tags),
        "pricing": pricing,
        "builtIn": entry.built_in,
    }


def profile_data(profile: Profile, made_from: tuple[Profile, ...] = ()) -> dict[str, Any]:
    """Return a profile; `made_from` are those that a complete one was made from."""
    modes = profile.auth_modes
    data = {
        "name": profile.name,
        "scope": str(profile.scope),
        "scopeKey": profile.key or None,
        "basedOn": profile.based_on or None,
        "provider": profile.provider,
        "modelId": profile.model_id,
        "authModes": None if modes is None else [str(mode) for mode in modes],
        "effort": profile.effort,
        "providerConfig": {
            "openai": {
                "contextWindow": profile.context_window,
                "serviceTier": profile.service_tier,
            }
        },
    }
    return {**data, "madeFrom": [item.label for item in made_from]} if made_from else data


def _cents(dollars: float) -> float | int:
    """Return cents without the error of binary fractions, whole where they are whole."""
    cents = Decimal(str(dollars)) * 100
    return int(cents) if cents == cents.to_integral_value() else float(cents)
