"""What every flow says: which credential, where it comes from, what Codex must be told."""

from __future__ import annotations

import enum
from dataclasses import dataclass

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
    personal_env: str = ""
    """Environment variable that holds the personal credential, if one does."""
    personal_help: str = ""
    """What the user has to do; Codex prints it when the variable is missing."""

    @property
    def gateway_token_in_header(self) -> bool:
        """Whether the Authorization header is taken, so that the gateway token needs its own."""
        return self.personal_credential is not PersonalCredential.NONE
