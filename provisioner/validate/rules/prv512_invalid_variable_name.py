"""PRV512."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.toml_document import TomlPair
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_variable_name"]

_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@rule("PRV512", "invalid-variable-name", Severity.ERROR)
def invalid_variable_name(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Something other than a name where Codex wants the name of a variable.

    What it does:
        Reports `env_key` of a model provider, `bearer_token_env_var` of an MCP server and the
        values of `env_http_headers` when they hold a character that no name of an environment
        variable has, such as `$`, `{`, `:` or a space.

    Why:
        Codex looks for a variable of exactly this name. For `env_key` it stops before the first
        request with `Missing environment variable`; a header it leaves out without a word.

    Use instead:
        The bare name: `env_key = "GATEWAY_KEY"`.
    """
    for document, _ in workspace.codex_documents:
        for pair in document.strings:
            if not _is_variable(pair) or document.has_hole(*pair.path):
                continue
            if not _NAME.fullmatch(pair.value):
                setting = next(step for step in reversed(pair.path) if step in _SETTINGS)
                yield this.finding(
                    document.path,
                    pair.value_span,
                    f'"{setting}" takes the name of a variable, and this is none',
                    help="write the bare name, without $ and braces",
                    secret=True,
                )


_SETTINGS = frozenset({"env_key", "bearer_token_env_var", "env_http_headers"})


def _is_variable(pair: TomlPair) -> bool:
    match pair.path:
        case ("model_providers", _, "env_key") | ("mcp_servers", _, "bearer_token_env_var"):
            return True
        case ("model_providers" | "mcp_servers", _, "env_http_headers", _):
            return True
    return False
