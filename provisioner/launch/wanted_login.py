"""A credential that Codex stores → the login it needs, and the command that makes one."""

from __future__ import annotations

import dataclasses
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
    again: str
    arguments: str
    reads_key: bool = False
    """Whether the login reads a key on stdin."""
    variable: str = ""
    """Variable that such a key is usually in; empty when nobody knows."""

    def command(self, launched_by: str) -> str:
        """Return the command that logs in, where `launched_by` runs Codex."""
        login = f"{launched_by} -- login {self.arguments}"
        if not self.reads_key:
            return login
        return f"printenv {self.variable} | {login}" if self.variable else f"{login} < FILE"


_CHATGPT = WantedLogin(
    kind=LoginKind.CHATGPT,
    name="ChatGPT login",
    what="a ChatGPT login",
    other="an API key",
    verb="log in once",
    again="log in again",
    arguments="--device-auth",
)
_API_KEY = WantedLogin(
    kind=LoginKind.API_KEY,
    name="stored key",
    what="the key",
    other="a ChatGPT login",
    verb="store it once",
    again="store it again, the value alone,",
    arguments="--with-api-key",
    reads_key=True,
)


def wanted_login(credential: Credential, variable: str = "") -> WantedLogin:
    """Return the login that `credential`, which must be stored, needs.

    `variable` names the variable with the key to store. It is never guessed: whoever stores their
    OpenAI key for the gateway of another company gives it away.
    """
    if credential is CHATGPT_LOGIN:
        return _CHATGPT
    return dataclasses.replace(_API_KEY, variable=variable)
