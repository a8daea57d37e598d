"""A credential that Codex stores → the login it needs, and the command that makes one."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.flows.credential import CHATGPT_LOGIN, Credential
from provisioner.launch.stored_login import LoginKind

__all__ = ["WantedLogin", "wanted_login"]


@dataclass(frozen=True, slots=True)
class WantedLogin:
    """What auth.json has to hold, in the words that advice is made of."""

    kind: LoginKind
    name: str
    what: str
    other: str
    """What the other kind of login is called."""
    verb: str
    arguments: str
    source: str = ""
    """Command whose output the login reads."""

    def command(self, launched_by: str) -> str:
        """Return the command that logs in, where `launched_by` runs Codex."""
        login = f"{launched_by} -- login {self.arguments}"
        return f"{self.source} | {login}" if self.source else login


_CHATGPT = WantedLogin(
    kind=LoginKind.CHATGPT,
    name="ChatGPT login",
    what="a ChatGPT login",
    other="an API key",
    verb="log in once",
    arguments="--device-auth",
)
_API_KEY = WantedLogin(
    kind=LoginKind.API_KEY,
    name="stored key",
    what="the key",
    other="a ChatGPT login",
    verb="store it once",
    arguments="--with-api-key",
    source="printenv OPENAI_API_KEY",
)


def wanted_login(credential: Credential) -> WantedLogin:
    """Return the login that `credential`, which must be stored, needs."""
    return _CHATGPT if credential is CHATGPT_LOGIN else _API_KEY
