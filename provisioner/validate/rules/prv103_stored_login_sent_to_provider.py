"""PRV103."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.credential import CredentialKind, credential
from provisioner.validate.hosts import host_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["stored_login_sent_to_provider"]

_LOGINS = frozenset(
    {CredentialKind.CODEX_API_KEY, CredentialKind.STORED_KEY, CredentialKind.CHATGPT_LOGIN}
)
_OWN_HOSTS = ("openai.com", "chatgpt.com")


@rule("PRV103", "stored-login-sent-to-provider", Severity.ERROR)
def stored_login_sent_to_provider(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An OpenAI login that goes to a provider which did not ask for it.

    What it does:
        In the home of a Codex before 0.149, reports a selected model provider that names neither
        `env_key` nor `requires_openai_auth`, while auth.json holds a login or `CODEX_API_KEY` is
        set.

    Why:
        These versions send the stored key, or the ChatGPT access token with the account id, to
        whatever host the provider names.

    Use instead:
        A provider with `env_key`, or Codex 0.149 or newer, which sends nothing there.
    """
    home = workspace.started_home
    if home is None or home.release.has("stored_login_stays_home"):
        return
    run = home.run
    table = run.find("model_providers", run.provider_id)
    asks = run.in_provider("requires_openai_auth")
    found = credential(home)
    base_url = run.in_provider("base_url")
    host = host_of(str(base_url.value)) if base_url else None
    if not table or (asks and asks.value) or not found or found.kind not in _LOGINS:
        return
    if host and not host.endswith(_OWN_HOSTS):
        yield this.finding(
            table.file,
            table.key_span,
            f'Codex {home.release.version} sends {found.words} to "{host}", '
            "which did not ask for it",
            help='name the variable that holds its own key in "env_key", or update Codex',
        )
