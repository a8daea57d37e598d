"""A Codex home → where Codex will send its requests, and with what."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, Secret
from provisioner.validate.codex_config import OPENAI
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.credential import (
    Credential,
    CredentialKind,
    cannot_be_sent,
    credential,
    names_header,
)

__all__ = ["Sends", "SentHeader", "sends"]


class SentHeader(Struct, frozen=True, dict=True):
    """A header beside Authorization; `source` is a variable or the table it is written in."""

    name: str
    source: str
    secret: Secret


class Sends(Struct, frozen=True, dict=True):
    """What one request is; `url` is None when a built-in provider decides it by itself."""

    url: str | None
    provider: str
    credential: Credential | None
    headers: tuple[SentHeader, ...]

    def sentence(self, codex: str) -> str:
        """Say in one line what will happen; secrets are hints."""
        where = f"to {self.url} (provider {self.provider})" if self.url else f"to {self.provider}"
        text = f"{codex} will send requests {where} {self._with()}"
        if not self.headers:
            return text
        names = ", ".join(f"{header.name} ({header.secret.hint})" for header in self.headers)
        return f"{text}, and {names}"

    def _with(self) -> str:
        found = self.credential
        if found is None or found.is_dropped:
            sensitive = {header.name.lower() for header in self.headers} & SENSITIVE_REQUEST_HEADERS
            without = "without Authorization" if sensitive else "without any credential"
            return f"{without}: {found.words} holds a line break" if found else without
        return f"with {found.words}" + (f" ({found.secret.hint})" if found.secret else "")


def sends(home: CodexHome) -> Sends | None:
    """Return what Codex sends, None when the variable of `env_key` is missing: it stops then."""
    found = credential(home)
    if found and found.kind is CredentialKind.MISSING_VARIABLE:
        return None
    return Sends(_url(home, found), home.run.provider_id, found, tuple(_headers(home, found)))


def _url(home: CodexHome, found: Credential | None) -> str | None:
    run, known = home.run, codex_config_keys()
    written = run.text("model_providers", run.provider_id, "base_url")
    if run.provider_id == OPENAI:
        written = run.text("openai_base_url")
    if written:
        return f"{written.value.removesuffix('/')}/responses"
    built_in = known.built_in_providers(run.release.version).get(run.provider_id)
    if built_in and run.provider_id != OPENAI:
        return f"{built_in.url}/responses" if built_in.url else None
    chatgpt = found is not None and found.kind is CredentialKind.CHATGPT_LOGIN
    return f"{known.chatgpt_url if chatgpt else known.openai_url}/responses"


def _headers(home: CodexHome, found: Credential | None) -> Iterator[SentHeader]:
    for table in ("http_headers", "env_http_headers"):
        pairs = home.run.in_provider(table)
        headers = pairs.value if pairs and isinstance(pairs.value, dict) else {}
        for name, value in headers.items():
            if not isinstance(value, str) or (found and names_header(name, "authorization")):
                continue
            secret = home.variable(value) if table.startswith("env") else Secret(value)
            if secret and not cannot_be_sent(secret):
                yield SentHeader(name, value if table.startswith("env") else table, secret)
    if found and found.kind is CredentialKind.CHATGPT_LOGIN and home.login.has_account:
        yield SentHeader("chatgpt-account-id", "auth.json", Secret(""))
