"""PRV106."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity, Span
from provisioner.redact import Secret
from provisioner.validate.auth_file import LoginKind
from provisioner.validate.codex_home import CODEX_ACCESS_TOKEN, CodexHome
from provisioner.validate.credential import CredentialKind, cannot_be_sent, credential
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["malformed_credential"]


@rule("PRV106", "malformed-credential", Severity.ERROR)
def malformed_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential with a line break or blanks around it.

    What it does:
        In a Codex home, looks at the key or token in auth.json, at the variable of `env_key` and
        at those of `env_http_headers`, and reports line breaks, other control characters, and
        blanks at either end. `CODEX_API_KEY` is not looked at: Codex trims it. For Codex before
        0.147 also reports an auth.json that lacks a part of its login, and from 0.134 on a
        `CODEX_ACCESS_TOKEN` that is no JSON web token.

    Why:
        With a line break the header cannot be written, and Codex sends the request without it and
        without a word. Blanks are sent along, and the gateway does not know the key. At half a
        login, or at such a token, these versions stop, even when the provider has a key of its own.

    Use instead:
        The key alone: `export OPENAI_API_KEY="$(cat key.txt)"` takes the line break off.
    """
    home = workspace.started_home
    if home and home.auth and home.stops_at_login and not home.auth.problem:
        message = f"Codex {home.release.version} stops: this file lacks a part of the login"
        yield this.finding(home.auth.path, FILE_START, message, help="run `codex login` again")
    if home and home.stops_at_token:
        message = f"Codex {home.release.version} stops: {CODEX_ACCESS_TOKEN} is no agent identity"
        help_text = f"unset {CODEX_ACCESS_TOKEN}"
        yield this.finding(home.config_path, FILE_START, message, help=help_text)
    for path, span, what, secret in _places(home) if home else ():
        value = secret.reveal()
        if cannot_be_sent(secret):
            message = f"{what} holds a line break, so Codex leaves the header out"
        elif value != value.strip():
            message = f"{what} begins or ends with a blank, which Codex sends along"
        else:
            continue
        yield this.finding(path, span, message, help="store it again without the blanks")


def _places(home: CodexHome) -> Iterator[tuple[str, Span, str, Secret]]:
    if home.auth and home.auth.login.kind in {LoginKind.API_KEY, LoginKind.CHATGPT}:
        login = home.auth.login
        is_key = login.kind is LoginKind.API_KEY
        what = "the API key" if is_key else "the access token"
        yield home.auth.path, login.span, what, login.secret
    found = credential(home)
    if found and found.kind is CredentialKind.VARIABLE and found.secret and found.asked_by:
        yield found.asked_by.file, found.asked_by.value_span, found.words, found.secret
    headers = home.run.in_provider("env_http_headers")
    if headers is None or not isinstance(headers.value, dict):
        return
    for name, variable in headers.value.items():
        if isinstance(variable, str) and (secret := home.variable(variable)):
            span = headers.document.value_span(*headers.path, name)
            yield headers.file, span, f"the value of {variable}", secret
