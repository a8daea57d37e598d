"""How a credential reaches the model: one file per flow, registered here."""

from __future__ import annotations

from provisioner.flows import byok, centralized, chatgpt
from provisioner.flows.base import Flow

__all__ = ["FLOWS", "flow"]

FLOWS: tuple[Flow, ...] = (centralized.FLOW, byok.FLOW, chatgpt.FLOW)


def flow(name: str) -> Flow:
    """Return the flow called `name`; `KeyError` for an unknown name."""
    return {item.name: item for item in FLOWS}[name]
