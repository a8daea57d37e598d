"""PRV114."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.hosts import is_this_machine
from provisioner.validate.hosts import host_of
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["script_over_http"]

_PIPED = re.compile(
    r"\b(?:curl|wget)\b(?:[^\n|;&]|\\\n)*?(?P<url>\bhttp://[^\s\"'\\|;]+)(?:[^\n|;&]|\\\n)*"
    r"\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:ba|z|da|k)?sh\b"
)


@rule("PRV114", "script-over-http", Severity.WARNING)
def script_over_http(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A script that is fetched without TLS and run.

    What it does:
        Reports `curl http://… | sh` and its like (wget, bash, sudo) in a template, unless the host
        is this machine.

    Why:
        Everybody on the way can put commands of their own into it. They run in every workspace,
        with its tokens.

    Use instead:
        `https://`, a pinned version and a checksum; better still, the program in the image.
    """
    for document in workspace.hcl:
        source = document.source
        for match in _PIPED.finditer(source.text):
            host = host_of(match["url"])
            if host and not is_this_machine(host):
                yield this.finding(
                    source.path,
                    source.span(*match.span("url")),
                    "a script from this address is run, and anybody on the way can change it",
                    help="fetch it by https, in a pinned version, and check its checksum",
                )
