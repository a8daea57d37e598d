"""The user brings an OpenAI key; the gateway token travels in a header of its own.

Codex sends the key because the provider names it in `env_key`. The published recipe relies on
`requires_openai_auth` and an exported OPENAI_API_KEY instead: measured on 0.122, 0.134 and 0.169,
that sends no Authorization at all, and the gateway then spends its own key without a word.
"""

from provisioner.flows.base import Flow, PersonalCredential

__all__ = ["FLOW"]

FLOW = Flow(
    name="byok",
    title="Bring your own key",
    summary="the user's own OpenAI key is the bearer; the gateway token has a header of its own",
    gateway_provider="openai",
    personal_credential=PersonalCredential.OPENAI_API_KEY,
    credential_kind="byok",
    personal_env="OPENAI_API_KEY",
    personal_help=(
        "Your own OpenAI key. For all your workspaces, pipe it once into "
        "`coder secret create openai --env OPENAI_API_KEY` and restart; elsewhere, export it."
    ),
)
