"""What every flow says: which credential, where it comes from, what Codex must be told."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from provisioner.flows.credential import ENV_KEY, Credential

__all__ = ["Flow", "PersonalCredential"]


class PersonalCredential(enum.Enum):
    """What the user brings."""

    NONE = "none"
    """Nothing: the gateway token alone opens the door."""
    OPENAI_API_KEY = "openai-api-key"
    """An OpenAI API key of the user's own, in the environment."""
    CHATGPT_LOGIN = "chatgpt-login"
    """A ChatGPT login made with `codex login`, kept by Codex in auth.json."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One way for a credential to reach the model."""

    name: str
    title: str
    summary: str
    gateway_provider: str
    """Name of the gateway's provider that serves the flow; part of the base URL."""
    personal_credential: PersonalCredential
    credential_kind: str
    """What the gateway records: `centralized` or `byok`."""
    credentials: tuple[Credential, ...] = (ENV_KEY,)
    """The ways in which its bearer can reach Codex, the default first."""
    personal_env: str = ""
    """Variable for the personal credential, unless the way it comes has one of its own."""
    personal_help: str = ""
    """What to put into `{variable}`; Codex prints it when that is missing."""
    login_help: str = ""
    """How to log in, where the credential is stored; empty for the gateway's own words."""

    @property
    def gateway_token_in_header(self) -> bool:
        """Whether the Authorization header is taken, so that the gateway token needs its own."""
        return self.personal_credential is not PersonalCredential.NONE
