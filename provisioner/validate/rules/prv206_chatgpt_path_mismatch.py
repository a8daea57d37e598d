"""PRV206."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.credential import CredentialKind, credential
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["chatgpt_path_mismatch"]

_PATH = re.compile(r"/(?:aibridge|ai-gateway)/(?:[^?#]*/)?(openai|chatgpt)/v1/?\Z")


@rule("PRV206", "chatgpt-path-mismatch", Severity.ERROR)
def chatgpt_path_mismatch(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential of one kind on the gateway path of the other.

    What it does:
        In a Codex home whose provider is Coder's AI Gateway, reports a ChatGPT login that goes to
        the path of API keys, `/openai/v1`, and an API key or token that goes to the path of
        ChatGPT logins, `/chatgpt/v1`.

    Why:
        The gateway relays the request to the service that the path names, and that service does
        not accept the other kind: every request fails.

    Use instead:
        `/chatgpt/v1` with a ChatGPT login and no key anywhere, `/openai/v1` with a key.
    """
    home = workspace.started_home
    found = credential(home) if home else None
    base_url = home.run.in_provider("base_url") if home else None
    match = _PATH.search(base_url.value) if base_url and isinstance(base_url.value, str) else None
    if not found or not base_url or not match:
        return
    is_login = found.kind is CredentialKind.CHATGPT_LOGIN
    wrong = match[1] == "openai" if is_login else match[1] == "chatgpt" and found.is_api_key
    if wrong:
        right = "chatgpt" if is_login else "openai"
        yield this.finding(
            base_url.file,
            base_url.value_span,
            f'Codex sends {found.words} to the path "/{match[1]}/v1", which cannot use it',
            help=f'end the URL in "/{right}/v1"'
            + ("" if is_login else ", or log in with ChatGPT and remove the key"),
        )
