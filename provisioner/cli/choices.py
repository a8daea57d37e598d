"""Words that options offer, from the rooms that know them."""

from __future__ import annotations

from provisioner.flows import FLOWS
from provisioner.flows import flow as flow_named
from provisioner.flows.credential import CREDENTIALS
from provisioner.gateway_kinds import GATEWAY_KINDS

__all__ = ["CREDENTIAL_NAMES", "FLOW_NAMES", "KIND_NAMES", "default_credential"]

CREDENTIAL_NAMES = tuple(credential.name for credential in CREDENTIALS)
FLOW_NAMES = tuple(flow.name for flow in FLOWS)
KIND_NAMES = tuple(kind.name for kind in GATEWAY_KINDS)


def default_credential(flow: str) -> str:
    """Return the way in which the bearer reaches Codex unless a spec says otherwise."""
    return flow_named(flow).credentials[0].name
