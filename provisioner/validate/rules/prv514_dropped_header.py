"""PRV514."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["dropped_header"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@rule("PRV514", "dropped-header", Severity.WARNING)
def dropped_header(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A header of a model provider that Codex cannot send.

    What it does:
        Reports names in `http_headers` and `env_http_headers` that HTTP does not allow, such as
        `X Team` or `X-Team:`, and values in `http_headers` with a line break or another control
        character.

    Why:
        Codex sends the request without the header and says nothing.

    Use instead:
        A name of letters, digits and hyphens, and a value on one line.
    """
    for document, _ in workspace.codex_documents:
        for pair in document.strings:
            match pair.path:
                case ("model_providers", _, "http_headers" | "env_http_headers" as kind, str(name)):
                    pass
                case _:
                    continue
            if not _NAME.fullmatch(name) and not document.has_hole(*pair.path[:-1]):
                yield this.finding(
                    document.path,
                    pair.key_span,
                    "this is no name of a header, so Codex leaves the header out",
                    help="use letters, digits and hyphens, without a colon",
                )
            elif kind == "http_headers" and _CONTROL.search(pair.value):
                yield this.finding(
                    document.path,
                    pair.value_span,
                    f'a control character, such as a line break, keeps Codex from sending "{name}"',
                    help="write the value on one line",
                    secret=True,
                )
