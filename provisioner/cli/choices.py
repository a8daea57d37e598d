"""Words that options offer, from the rooms that know them."""

from __future__ import annotations

from provisioner.flows import FLOWS
from provisioner.gateway_kinds import GATEWAY_KINDS

__all__ = ["FLOW_NAMES", "KIND_NAMES"]

FLOW_NAMES = tuple(flow.name for flow in FLOWS)
KIND_NAMES = tuple(kind.name for kind in GATEWAY_KINDS)
