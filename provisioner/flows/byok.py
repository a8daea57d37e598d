"""The user brings an OpenAI key; the gateway token travels in a header of its own.

By default Codex sends the key because the provider names it in `env_key`. The published recipe
relies on `requires_openai_auth` and an exported OPENAI_API_KEY instead: measured on 0.122, 0.134
and 0.169, that sends no Authorization at all, and the gateway then spends its own key without a
word. Behind `requires_openai_auth` the key has to be stored, or in CODEX_API_KEY.
"""

from provisioner.flows.base import Flow, PersonalCredential
from provisioner.flows.credential import API_KEY_LOGIN, CODEX_API_KEY, ENV_KEY

__all__ = ["FLOW"]

FLOW = Flow(
    name="byok",
    title="Bring your own key",
    summary="the user's own OpenAI key is the bearer; the gateway token has a header of its own",
    gateway_provider="openai",
    personal_credential=PersonalCredential.OPENAI_API_KEY,
    credential_kind="byok",
    credentials=(ENV_KEY, API_KEY_LOGIN, CODEX_API_KEY),
    personal_env="OPENAI_API_KEY",
    personal_help=(
        "Your own OpenAI key. For all your workspaces, pipe it once into "
        "`coder secret create openai --env {variable}` and restart; elsewhere, export it."
    ),
    login_help=(
        "Store your own OpenAI key once, through stdin: "
        "`printenv OPENAI_API_KEY | codex login --with-api-key`."
    ),
)
