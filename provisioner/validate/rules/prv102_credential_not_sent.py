"""PRV102."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity, Span
from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.knowledge.hosts import is_this_machine
from provisioner.redact import SENSITIVE_REQUEST_HEADERS
from provisioner.validate.codex_config import OPENAI
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.credential import (
    Credential,
    CredentialKind,
    credential,
    names_header,
    uses_login,
)
from provisioner.validate.hosts import host_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["credential_not_sent"]

_KEY = "OPENAI_API_KEY"
_OWN_KEY = "the variable that holds the gateway's own key"


@rule("PRV102", "credential-not-sent", Severity.ERROR)
def credential_not_sent(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A Codex home whose requests carry no credential.

    What it does:
        In a Codex home, follows what Codex does to find a credential for the selected model
        provider, and reports when it finds none: the variable of `env_key` is not set or blank;
        `requires_openai_auth`, or the built-in provider, without `CODEX_API_KEY` and without a
        login in auth.json; a provider that asks for nothing. A gateway on this machine needs
        none.

    Why:
        With `env_key` Codex stops before the first request. In the other cases it sends requests
        without Authorization, says nothing, and a gateway may spend its own key. An exported
        `OPENAI_API_KEY` does not help: Codex reads it only where `env_key` names it.

    Use instead:
        `env_key` with the name of the variable that holds the gateway's own key. `OPENAI_API_KEY`
        is for OpenAI's own host, and for Coder's AI Gateway where users bring their own key; any
        other host would be given a key that is not for it.
    """
    home = workspace.started_home
    found = credential(home) if home else None
    if home is None:
        return
    if found and found.kind is CredentialKind.MISSING_VARIABLE:
        yield _missing(this, home, found)
    elif found is None and _needs_one(home) and not (home.auth and home.auth.problem):
        path, span = _place(home)
        message = f'Codex sends no credential to "{home.run.provider_id}": {_reason(home)}'
        yield this.finding(path, span, message, help=_help(home))


def _missing(this: Rule, home: CodexHome, found: Credential) -> Finding:
    asked = found.asked_by
    assert asked is not None  # noqa: S101 - a missing variable was named somewhere
    state = "is blank" if asked.value in home.environment else "is not set"
    help_text = home.run.in_provider("env_key_instructions")
    return this.finding(
        asked.file,
        asked.value_span,
        f"{asked.value} {state}, so Codex stops before the first request",
        help=str(help_text.value) if help_text else f"export {asked.value}",
    )


def _needs_one(home: CodexHome) -> bool:
    base_url = home.run.in_provider("base_url")
    host = host_of(base_url.value) if base_url and isinstance(base_url.value, str) else None
    asks = home.run.in_provider("requires_openai_auth")
    if home.run.provider_id == OPENAI or (asks and asks.value is True):
        return True
    return not (host and is_this_machine(host)) and not _sends_secret_header(home)


def _sends_secret_header(home: CodexHome) -> bool:
    for table in ("http_headers", "env_http_headers"):
        found = home.run.in_provider(table)
        headers = found.value if found and isinstance(found.value, dict) else {}
        for name, value in headers.items():
            is_there = not table.startswith("env") or home.variable(str(value))
            if name.lower() in SENSITIVE_REQUEST_HEADERS and is_there:
                return True
    return False


def _place(home: CodexHome) -> tuple[str, Span]:
    run = home.run
    asks = run.in_provider("requires_openai_auth")
    if asks and asks.value is True:
        return asks.file, asks.key_span
    for path in (("model_providers", run.provider_id), ("model_provider",)):
        if found := run.find(*path):
            return found.file, found.key_span
    return home.config_path, FILE_START


def _reason(home: CodexHome) -> str:
    if not (home.run.provider_id == OPENAI or uses_login(home)):
        return "its table has no env_key"
    reason = "auth.json holds no login that Codex can use, and CODEX_API_KEY is not set"
    if home.variable(_KEY):
        reason += f"; {_KEY} is set, but Codex does not read it"
    return reason


def _help(home: CodexHome) -> str:
    is_custom = home.run.provider_id != OPENAI
    if home.run.custom_providers and not is_custom and not home.run.find("model_provider"):
        return "select the gateway with model_provider; its env_key is not read before that"
    if not is_custom and (home.variable("OPENAI_BASE_URL") or not _takes_openai_key(home)):
        return f"name the gateway in a table below model_providers, with {_OWN_KEY} in env_key"
    if is_custom:
        return _help_for_table(home)
    if home.variable(_KEY):
        return f"run `printenv {_KEY} | codex login --with-api-key`"
    return "run `codex login`"


def _help_for_table(home: CodexHome) -> str:
    instead = ', in place of "requires_openai_auth"' if uses_login(home) else ""
    if not _takes_openai_key(home):
        return f'name {_OWN_KEY} in "env_key"{instead}'
    if home.variable(_KEY):
        return f'write env_key = "{_KEY}"{instead}'
    return "run `codex login`" if instead else 'name the variable that holds the key in "env_key"'


def _takes_openai_key(home: CodexHome) -> bool:
    """Whether an OpenAI login is for this host: OpenAI's own, or Coder's that passes it on.

    There the gateway token has a header of its own. Any other host would be given the key away.
    """
    run = home.run
    key = "openai_base_url"
    written = run.text(key) if run.provider_id == OPENAI else run.in_provider("base_url")
    if written is None:
        return run.provider_id == OPENAI
    if isinstance(written.value, str):
        host = host_of(written.value)
        if host and host == host_of(codex_config_keys().openai_url):
            return True
    headers = run.in_provider("env_http_headers")
    names = headers.value if headers and isinstance(headers.value, dict) else {}
    return any(names_header(name, coder_gateway().token_header) for name in names)
