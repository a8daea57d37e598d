"""How the bearer reaches Codex: a variable, auth.json, CODEX_API_KEY or a ChatGPT login.

Which header each sends, and when none, is data: `credential_rules` of the knowledge base.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "API_KEY_LOGIN",
    "CHATGPT_LOGIN",
    "CODEX_API_KEY",
    "CREDENTIALS",
    "ENV_KEY",
    "Credential",
    "credential",
]


@dataclass(frozen=True, slots=True)
class Credential:
    """One way for the bearer to reach Codex."""

    name: str
    summary: str
    provider: str
    """What the provider table says: `env_key` or `requires_openai_auth`."""
    present: str
    """What has to be there, in the words of `credential_rules`."""
    variable: str = ""
    """The one variable it is read from; empty where the flow or the gateway names it."""
    is_stored: bool = False
    """Whether Codex keeps it in auth.json, after a login."""
    unset: tuple[str, ...] = ()
    """Variables that would be sent in its place."""
    exec_only: bool = False
    """Whether only `codex exec` reads it."""

    @property
    def is_named(self) -> bool:
        """Whether the provider table names the variable in `env_key`."""
        return self.provider == "env_key"


ENV_KEY = Credential(
    name="env_key",
    summary="a variable that the provider names in env_key",
    provider="env_key",
    present="the variable",
)
API_KEY_LOGIN = Credential(
    name="api_key_login",
    summary="a key that `codex login --with-api-key` reads on stdin and keeps in auth.json",
    provider="requires_openai_auth",
    present="auth.json with a key",
    is_stored=True,
    unset=("CODEX_API_KEY",),
)
CODEX_API_KEY = Credential(
    name="codex_api_key",
    summary="the variable CODEX_API_KEY, which `codex exec` reads and the terminal interface "
    "does not",
    provider="requires_openai_auth",
    present="CODEX_API_KEY",
    variable="CODEX_API_KEY",
    exec_only=True,
)
CHATGPT_LOGIN = Credential(
    name="chatgpt_login",
    summary="a ChatGPT login that `codex login` keeps in auth.json",
    provider="requires_openai_auth",
    present="auth.json with a ChatGPT login",
    is_stored=True,
    unset=("OPENAI_API_KEY", "CODEX_API_KEY"),
)
CREDENTIALS = (ENV_KEY, API_KEY_LOGIN, CODEX_API_KEY, CHATGPT_LOGIN)


def credential(name: str) -> Credential:
    """Return the way called `name`; `KeyError` for an unknown name."""
    return {item.name: item for item in CREDENTIALS}[name]
