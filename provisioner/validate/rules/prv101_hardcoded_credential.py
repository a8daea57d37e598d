"""PRV101."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, hint
from provisioner.syntax.hcl_model import Expression
from provisioner.syntax.toml_document import TomlPair
from provisioner.validate.rule import Rule, rule
from provisioner.validate.values import literal_text
from provisioner.validate.workspace import Workspace

__all__ = ["hardcoded_credential"]

_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}
    | vk-lw-(?:(?:live|test)_)?[0-9A-HJKMNP-TV-Z]{26}
    | gh[pousr]_[A-Za-z0-9]{36,}
    | github_pat_[A-Za-z0-9_]{40,}
    | (?:AKIA|ASIA)[0-9A-Z]{16}
    | xox[abeoprs]-[A-Za-z0-9-]{10,}
    | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
    | (?=[a-zA-Z-]*[0-9])(?=[a-z0-9-]*[A-Z])(?=[A-Z0-9-]*[a-z])[A-Za-z0-9]{10}-[A-Za-z0-9]{22}
    )(?![A-Za-z0-9_-])""",
    re.VERBOSE,
)
_SECRET_NAME = re.compile(r"_(?:KEY|TOKEN|SECRET)\Z", re.IGNORECASE)

_HCL_HELP = "take it from a variable with sensitive = true, or from data.coder_workspace_owner"
_TOML_HELP = 'name an environment variable that holds it in "env_key" or "env_http_headers"'


@rule("PRV101", "hardcoded-credential", Severity.ERROR)
def hardcoded_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential written into the template.

    What it does:
        Reports text with the shape of a known credential (OpenAI, Coder, GitHub, AWS, Slack and
        LangWatch keys, JSON web tokens) anywhere in a file, and any literal string at a place that
        holds a credential: the module input `openai_api_key`, `experimental_bearer_token`, an
        authorization header in `http_headers`, a `coder_env` whose name ends in `_KEY`, `_TOKEN`
        or `_SECRET`. The finding shows the ends of the credential only.

    Why:
        Everyone who may read the template, its versions or the Terraform state has the credential,
        and it cannot be replaced without pushing a new version.

    Use instead:
        A variable with `sensitive = true`, the session token of the workspace owner, or a Coder
        secret.
    """
    hcl_places, toml_places = list(_hcl_places(workspace)), list(_toml_places(workspace))
    for places, advice in ((hcl_places, _HCL_HELP), (toml_places, _TOML_HELP)):
        for path, span, what, secret in places:
            message = f"{what} is a hardcoded credential, {hint(secret)}"
            yield this.finding(path, span, message, help=advice, secret=True)
    for source in workspace.sources:
        known = [span for path, span, *_ in hcl_places + toml_places if path == source.path]
        advice = _HCL_HELP if source.path.endswith(".tf") else _TOML_HELP
        for match in _SHAPES.finditer(source.text):
            span = source.span(match.start(), match.end())
            if not any(_holds(outer, span) for outer in known):
                message = f"{hint(match[0])} has the shape of a credential"
                yield this.finding(source.path, span, message, help=advice, secret=True)


_Place = tuple[str, Span, str, str]


def _hcl_places(workspace: Workspace) -> Iterator[_Place]:
    for call in workspace.codex_modules:
        yield from _literal(call.block.value("openai_api_key"), '"openai_api_key"')
    for block in workspace.blocks("resource", "coder_env"):
        name = literal_text(block.value("name"))
        value = literal_text(block.value("value")) or ""
        if name and _SECRET_NAME.search(name) and not _is_public(name, value):
            yield from _literal(block.value("value"), f'the value of "{name}"')


def _is_public(name: str, value: str) -> bool:
    """Say whether a variable that is named like a secret holds a public key, or names a file."""
    return "PUBLIC" in name.upper() or value.startswith(("ssh-", "/", "~/", "./"))


def _literal(expression: Expression | None, what: str) -> Iterator[_Place]:
    secret = literal_text(expression)
    if expression and secret:
        yield expression.path, expression.span, what, secret


def _toml_places(workspace: Workspace) -> Iterator[_Place]:
    for document in workspace.toml_documents:
        for pair in document.strings:
            if pair.value and _is_sensitive(pair) and not document.has_hole(*pair.path):
                yield document.path, pair.value_span, f'"{pair.path[-1]}"', pair.value


def _is_sensitive(pair: TomlPair) -> bool:
    *parents, key = pair.path
    if key == "experimental_bearer_token":
        return True
    in_headers = parents[-1:] == ["http_headers"]
    return in_headers and str(key).lower() in SENSITIVE_REQUEST_HEADERS


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
