"""The gateway holds the provider key; the user's gateway token is all that Codex sends."""

from provisioner.flows.base import Flow, PersonalCredential
from provisioner.flows.credential import API_KEY_LOGIN, CODEX_API_KEY, ENV_KEY

__all__ = ["FLOW"]

FLOW = Flow(
    name="centralized",
    title="Centralized key",
    summary="the gateway holds the provider key; Codex sends the gateway token as its bearer",
    gateway_provider="openai",
    personal_credential=PersonalCredential.NONE,
    credential_kind="centralized",
    credentials=(ENV_KEY, API_KEY_LOGIN, CODEX_API_KEY),
)
