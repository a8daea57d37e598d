"""PRV203."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from provisioner.finding import Finding, Severity
from provisioner.syntax.decoded_text import PLACEHOLDER
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["insecure_gateway_url"]

_LOCAL_NAMES = frozenset({"localhost", "host.docker.internal"})
_URL_KEYS = frozenset({"base_url", "openai_base_url", "chatgpt_base_url"})


@rule("PRV203", "insecure-gateway-url", Severity.ERROR)
def insecure_gateway_url(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A gateway that is reached without TLS.

    What it does:
        Reports a base URL in a Codex config that begins with `http://`, unless its host is this
        machine: `localhost`, a loopback address, `host.docker.internal`.

    Why:
        Codex sends a credential with every request, and everyone on the way can read it.

    Use instead:
        `https://`.
    """
    for document in workspace.toml_documents:
        for pair in document.strings:
            if pair.path[-1] in _URL_KEYS and (host := _insecure_host(pair.value)):
                yield this.finding(
                    document.path,
                    pair.value_span,
                    f'"{pair.path[-1]}" sends credentials to "{host}" without TLS',
                    help='begin the URL with "https://"',
                )


def _insecure_host(url: str) -> str | None:
    """Return the host that gets unencrypted traffic, None when it is local or not known."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme != "http" or not host or PLACEHOLDER in host:
        return None
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return None
    try:
        return None if ip_address(host).is_loopback else host
    except ValueError:
        return host
