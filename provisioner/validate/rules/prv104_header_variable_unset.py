"""PRV104."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.coder import coder_gateway
from provisioner.validate.credential import names_header
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["header_variable_unset"]


@rule("PRV104", "header-variable-unset", Severity.ERROR)
def header_variable_unset(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A header whose variable is not set.

    What it does:
        In a Codex home, reports every header in `env_http_headers` of the selected model provider
        whose variable is not set or blank. It is an error for the header with the token of Coder's
        AI Gateway, a warning for any other.

    Why:
        Codex leaves the header out without a word, and the gateway answers 401 or takes the
        request for someone else's.

    Use instead:
        The variable, set before Codex starts.
    """
    home = workspace.started_home
    headers = home.run.in_provider("env_http_headers") if home else None
    if home is None or headers is None or not isinstance(headers.value, dict):
        return
    for header, variable in headers.value.items():
        if not isinstance(variable, str) or home.variable(variable):
            continue
        state = "is blank" if variable in home.environment else "is not set"
        is_token = names_header(header, coder_gateway().token_header)
        path = (*headers.path, header)
        yield this.finding(
            headers.file,
            headers.document.value_span(*path),
            f'{variable} {state}, so Codex leaves the header "{header}" out',
            help=f"export {variable}",
            severity=Severity.ERROR if is_token else Severity.WARNING,
        )
