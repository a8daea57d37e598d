"""PRV101."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from msgspec import Struct

from provisioner.finding import Confidence, Finding, Severity, Span
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, hint
from provisioner.syntax.hcl_model import Expression, ObjectValue, Text
from provisioner.syntax.toml_document import TomlPair
from provisioner.validate.given_variables import GivenVariable, all_given_variables
from provisioner.validate.rule import Rule, rule
from provisioner.validate.secret_values import is_named_like_a_secret
from provisioner.validate.values import literal_text
from provisioner.validate.workspace import Workspace

__all__ = ["hardcoded_credential"]

_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}
    | vk-lw-(?:(?:live|test)_)?[0-9A-HJKMNP-TV-Z]{26}
    | gh[pousr]_[A-Za-z0-9]{36,}
    | github_pat_[A-Za-z0-9_]{40,}
    | npm_[A-Za-z0-9]{36}
    | (?:AKIA|ASIA)[0-9A-Z]{16}
    | xox[abeoprs]-[A-Za-z0-9-]{10,}
    | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
    | (?=[a-zA-Z-]*[0-9])(?=[a-z0-9-]*[A-Z])(?=[A-Z0-9-]*[a-z])[A-Za-z0-9]{10}-[A-Za-z0-9]{22}
    )(?![A-Za-z0-9_-])""",
    re.VERBOSE,
)
# Each shape begins a run of such characters; to look at those alone is ten times as fast.
_RUN = re.compile(r"[A-Za-z0-9_-]{11,}")
_WORD = re.compile(r"[A-Za-z0-9+/_=.-]{16,512}")
_BITS = 3.0
_SWITCHES = frozenset({"0", "1", "false", "no", "none", "null", "off", "on", "true", "yes"})

_HCL_HELP = "take it from a variable with sensitive = true, or from data.coder_workspace_owner"
_TOML_HELP = 'name an environment variable that holds it in "env_key" or "env_http_headers"'


@rule("PRV101", "hardcoded-credential", Severity.ERROR)
def hardcoded_credential(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A credential written into the template.

    What it does:
        Reports text with the shape of a known credential (OpenAI, Coder, GitHub, npm, AWS, Slack
        and LangWatch keys, JSON web tokens) anywhere in a file, and any literal string at a place
        that holds a credential: the module input `openai_api_key`, `experimental_bearer_token`, an
        authorization header in `http_headers`, and a variable that is named like a secret, such as
        `OPENAI_API_KEY`, in a `coder_env`, an `env` or the `env` of an MCP server. At any other
        argument or key that is named like a secret, a string that looks random is reported with
        medium confidence. The finding shows the ends of the credential only.

    Why:
        Everyone who may read the template, its versions or the Terraform state has the credential,
        and it cannot be replaced without pushing a new version.

    Use instead:
        A variable with `sensitive = true`, the session token of the workspace owner, or a Coder
        secret.
    """
    known_places = list(_places(workspace))
    for place, advice in known_places:
        message = f"{place.what} is a hardcoded credential{_hinted(place.secret)}"
        yield this.finding(place.path, place.span, message, help=advice, secret=True)
    for place in _random_looking(workspace, {(item.path, item.span) for item, _ in known_places}):
        known_places.append((place, _HCL_HELP))
        yield this.finding(
            place.path,
            place.span,
            f"{place.what} looks like a hardcoded credential{_hinted(place.secret)}",
            help=_HCL_HELP,
            confidence=Confidence.MEDIUM,
            secret=True,
        )
    for source in workspace.sources:
        known = [place.span for place, _ in known_places if place.path == source.path]
        configs = [
            document.located.span(0, len(document.located.text))
            for document in workspace.toml_documents
            if document.path == source.path
        ]
        for match in _shapes(source.text):
            span = source.span(match.start(), match.end())
            advice = _TOML_HELP if any(_holds(outer, span) for outer in configs) else _HCL_HELP
            if not any(_holds(outer, span) for outer in known):
                message = f"{hint(match[0])} has the shape of a credential"
                yield this.finding(source.path, span, message, help=advice, secret=True)


def _shapes(text: str) -> Iterator[re.Match[str]]:
    end = 0
    for run in _RUN.finditer(text):
        match = _SHAPES.match(text, run.start()) if run.start() >= end else None
        if match:
            end = match.end()
            yield match


def _hinted(secret: str) -> str:
    """Return the hint, where there is one: a short secret has none."""
    shown = hint(secret)
    return f", {shown}" if shown.strip(".") else ""


class _Place(Struct, frozen=True):
    path: str
    span: Span
    what: str
    secret: str


def _places(workspace: Workspace) -> Iterator[tuple[_Place, str]]:
    """Yield what is a credential wherever it came from, with what to do instead."""
    for call in workspace.codex_modules:
        for place in _literal(call.block.value("openai_api_key"), '"openai_api_key"'):
            yield place, _HCL_HELP
    for given in all_given_variables(workspace):
        for place in _given(given) if is_named_like_a_secret(given.name) else ():
            yield place, _HCL_HELP
    for document in workspace.toml_documents:
        for pair in document.strings:
            if pair.value and _is_sensitive(pair) and not document.has_hole(*pair.path):
                what = f'"{pair.path[-1]}"'
                yield _Place(document.path, pair.value_span, what, pair.value), _TOML_HELP


def _given(given: GivenVariable) -> Iterator[_Place]:
    what = f'the value of "{given.name}"'
    if given.value is not None:
        yield from _literal(given.value, what)
    elif isinstance(given.place, Text) and not given.place.decoded.holes:
        _, sign, value = given.place.decoded.text.partition("=")
        if sign and not _is_public(value):
            yield _Place(given.path, given.span, what, value)


def _is_public(value: str) -> bool:
    """Say whether the value is a file, a public key or a switch, whatever the name promises."""
    return value.startswith(("ssh-", "/", "~/", "./")) or value.lower() in _SWITCHES


def _literal(expression: Expression | None, what: str) -> Iterator[_Place]:
    secret = literal_text(expression)
    if expression and secret and not _is_public(secret):
        yield _Place(expression.path, expression.span, what, secret)


def _is_sensitive(pair: TomlPair) -> bool:
    *parents, key = pair.path
    if key == "experimental_bearer_token":
        return True
    if parents[:1] == ["mcp_servers"] and parents[-1:] == ["env"]:
        return is_named_like_a_secret(str(key)) and not _is_public(pair.value)
    in_headers = parents[-1:] == ["http_headers"]
    return in_headers and str(key).lower() in SENSITIVE_REQUEST_HEADERS


def _random_looking(workspace: Workspace, known: set[tuple[str, Span]]) -> Iterator[_Place]:
    for block in (inner for top in workspace.top_blocks for inner in top.descend()):
        secret_block = block.type == "variable" and any(map(is_named_like_a_secret, block.names))
        for attribute in block.attributes.values():
            named = secret_block and attribute.name == "default"
            for name, value in _pairs(attribute.name, attribute.expression):
                if not (named or is_named_like_a_secret(name)):
                    continue
                for place in _literal(value, f'"{name}"'):
                    if (place.path, place.span) not in known and _looks_random(place.secret):
                        yield place


def _pairs(name: str, value: Expression) -> Iterator[tuple[str, Expression]]:
    """Yield an argument, and the keys of the objects in it, each with its value."""
    yield name, value
    waiting = [value]
    while waiting:
        part = waiting.pop()
        waiting += part.children
        if isinstance(part, ObjectValue):
            yield from ((item.name, item.value) for item in part.items if item.name)


def _looks_random(text: str) -> bool:
    """Say whether `text` is one word of many different characters, letters and digits among them.

    Measured over 10,000 random words each: 3 bits a character keep 86 % of those of 16 characters
    in base 16, and 99.9 % of longer ones and of those in base 64.
    """
    if not _WORD.fullmatch(text) or not re.search(r"\d", text) or not re.search("[A-Za-z]", text):
        return False
    shares = [text.count(character) / len(text) for character in set(text)]
    return -sum(share * math.log2(share) for share in shares) >= _BITS


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
