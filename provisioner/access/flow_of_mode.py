"""Auth mode and gateway → the flow that carries it out, and the variable with the bearer."""

from __future__ import annotations

from provisioner.access.auth_mode import AuthMode
from provisioner.access.model import Gateway
from provisioner.flows import flow
from provisioner.flows.base import Flow

__all__ = ["OWN_KEY_VARIABLE", "flow_for"]

_FLOWS = {
    AuthMode.BYOK: "byok",
    AuthMode.METERED: "centralized",
    AuthMode.SHARED: "centralized",
    AuthMode.HOST_SESSION: "chatgpt",
    AuthMode.LOCAL: "centralized",
}

OWN_KEY_VARIABLE = "OPENAI_API_KEY"
"""Where a key of the user's own is, at a server that takes it as its only credential."""


def flow_for(mode: AuthMode, gateway: Gateway) -> Flow | None:
    """Return the flow, None where the gateway has none for the mode.

    A gateway that an access file names `byok` may be any server: there the user's own key is all
    that is sent, which is the flow with one credential.
    """
    name = _FLOWS[mode]
    if mode is AuthMode.BYOK and gateway.name == mode and name not in gateway.kind.flows:
        name = "centralized"
    return flow(name) if name in gateway.kind.flows else None
