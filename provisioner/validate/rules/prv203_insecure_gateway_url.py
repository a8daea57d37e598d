"""PRV203."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Edit, Finding, Fix, Severity, Span
from provisioner.knowledge.hosts import is_this_machine
from provisioner.syntax.toml_document import TomlDocument, TomlPair
from provisioner.validate.hosts import host_of
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["insecure_gateway_url"]

_URL_KEYS = frozenset({"base_url", "openai_base_url", "chatgpt_base_url"})


@rule("PRV203", "insecure-gateway-url", Severity.ERROR, fixes=Fixes.UNSAFE)
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
                    fix=_fix(document, pair),
                )


def _fix(document: TomlDocument, pair: TomlPair) -> Fix | None:
    """Write the missing letter; a URL with blanks before it is left alone."""
    content = document.content_span(*pair.path)
    if content is None or not pair.value.startswith("http:"):
        return None
    line, column = content.start.line, content.start.column + len("http")
    return Fix(safe=False, edits=(Edit(Span.of(line, column, line, column), "s"),))


def _insecure_host(url: str) -> str | None:
    """Return the host that gets unencrypted traffic, None when it is local or not known."""
    host = host_of(url)
    is_plain = url.strip().lower().startswith("http:")
    return host if host and is_plain and not is_this_machine(host) else None
