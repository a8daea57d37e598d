"""A Codex home → the credential that Codex puts into the Authorization header.

The order is the one measured on 0.122, 0.148 and 0.169: `env_key`, a token in the config, a
command, then CODEX_API_KEY, the stored login and last the provider's own header.
"""

from __future__ import annotations

import enum
import re

from msgspec import Struct

from provisioner.redact import Secret
from provisioner.validate.auth_file import LoginKind
from provisioner.validate.codex_config import OPENAI, Found
from provisioner.validate.codex_home import CODEX_API_KEY, CodexHome

__all__ = [
    "Credential",
    "CredentialKind",
    "cannot_be_sent",
    "credential",
    "names_header",
    "uses_login",
]

# Other ways of newer versions to log in, not measured: whoever has one of these may be logged in.
_OTHER_LOGINS = ("CODEX_ACCESS_TOKEN", "OPENAI_FEDERATION_RULE_ID", "OPENAI_IDENTITY_TOKEN_FILE")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class CredentialKind(enum.StrEnum):
    """Where a credential comes from."""

    VARIABLE = "env_key"
    """The variable that `env_key` names."""
    MISSING_VARIABLE = "missing_variable"
    """That variable is not set: Codex stops."""
    BEARER_TOKEN = "bearer_token"  # noqa: S105 - the name of a kind
    """`experimental_bearer_token`."""
    COMMAND = "command"
    """What a command prints."""
    CODEX_API_KEY = "codex_api_key"
    """The variable CODEX_API_KEY."""
    STORED_KEY = "stored_key"
    """The API key in auth.json."""
    CHATGPT_LOGIN = "chatgpt_login"
    """The ChatGPT login in auth.json."""
    HEADER = "header"
    """An Authorization header of the provider table."""
    CLOUD = "cloud"
    """Credentials of a cloud, which a built-in provider finds by itself."""
    UNKNOWN = "unknown"
    """A login that cannot be seen from here."""


class Credential(Struct, frozen=True, dict=True):
    """What is sent, in words, and the key of the config that asks for it."""

    kind: CredentialKind
    words: str
    secret: Secret | None = None
    asked_by: Found | None = None

    @property
    def is_api_key(self) -> bool:
        """Whether it can only be a key or token, and no ChatGPT login."""
        return self.kind in {
            CredentialKind.VARIABLE,
            CredentialKind.BEARER_TOKEN,
            CredentialKind.CODEX_API_KEY,
            CredentialKind.STORED_KEY,
        }

    @property
    def is_dropped(self) -> bool:
        """Whether it cannot stand in a header, so that Codex leaves the header out."""
        return self.secret is not None and cannot_be_sent(self.secret)


def credential(home: CodexHome) -> Credential | None:
    """Return what Codex sends to the selected provider, None when it is nothing."""
    run = home.run
    if run.provider_id not in run.custom_providers:
        if run.provider_id == OPENAI:
            return _from_login(home)
        return Credential(CredentialKind.CLOUD, "what the built-in provider finds by itself")
    return (
        _from_table(home) or (_from_login(home) if uses_login(home) else None) or _from_header(home)
    )


def cannot_be_sent(secret: Secret) -> bool:
    """Say whether `secret` has a character that no header can have."""
    return _CONTROL.search(secret.reveal()) is not None


def uses_login(home: CodexHome) -> bool:
    """Say whether Codex gives the stored login to the selected provider."""
    asks = home.run.in_provider("requires_openai_auth")
    return bool(asks and asks.value is True) or not home.release.has("stored_login_stays_home")


def names_header(key: str, name: str) -> bool:
    """Say whether `key` is the header `name`, in any case."""
    return key.lower() == name.lower()


def _from_table(home: CodexHome) -> Credential | None:
    run = home.run
    env_key = run.text("model_providers", run.provider_id, "env_key")
    if env_key:
        secret = home.variable(env_key.value)
        kind = CredentialKind.VARIABLE if secret else CredentialKind.MISSING_VARIABLE
        return Credential(kind, f"the value of {env_key.value}", secret, env_key)
    token = run.text("model_providers", run.provider_id, "experimental_bearer_token")
    if token:
        words = "the experimental_bearer_token in the config"
        return Credential(CredentialKind.BEARER_TOKEN, words, Secret(token.value), token)
    for key in ("auth", "gateway_oauth"):
        if command := run.in_provider(key):
            words = f'what "{key}" gets'
            return Credential(CredentialKind.COMMAND, words, None, command)
    return None


def _from_login(home: CodexHome) -> Credential | None:
    asks = home.run.in_provider("requires_openai_auth")
    if key := home.variable(CODEX_API_KEY):
        # Codex trims this one, and no other.
        secret = Secret(key.reveal().strip())
        words = f"the value of {CODEX_API_KEY}"
        return Credential(CredentialKind.CODEX_API_KEY, words, secret, asks)
    login = home.login
    if login.kind is LoginKind.API_KEY:
        words = "the API key in auth.json"
        return Credential(CredentialKind.STORED_KEY, words, login.secret, asks)
    if login.kind is LoginKind.CHATGPT:
        words = "the ChatGPT login in auth.json"
        return Credential(CredentialKind.CHATGPT_LOGIN, words, login.secret, asks)
    if login.kind is LoginKind.UNKNOWN or any(map(home.variable, _OTHER_LOGINS)):
        words = "whatever login Codex finds outside auth.json"
        return Credential(CredentialKind.UNKNOWN, words, None, asks)
    return None


def _from_header(home: CodexHome) -> Credential | None:
    for table in ("env_http_headers", "http_headers"):
        found = home.run.in_provider(table)
        headers = found.value if found and isinstance(found.value, dict) else {}
        for name, value in headers.items():
            if not names_header(name, "authorization") or not isinstance(value, str):
                continue
            secret = home.variable(value) if table.startswith("env") else Secret(value)
            if secret:
                words = f'the header "{name}" of "{table}"'
                return Credential(CredentialKind.HEADER, words, secret, found)
    return None
