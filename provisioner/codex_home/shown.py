"""Config text and values as people may see them: secrets are masked."""

from __future__ import annotations

import difflib
import re
import tomllib

from provisioner.codex_home.model import KeyPath
from provisioner.codex_home.toml_layout import read_layout
from provisioner.codex_home.toml_values import value_of
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, hint

__all__ = ["shown_diff", "shown_value"]

_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:api[_-]?key|authorization|bearer|cookie|passphrase|passwd|password"
    r"|secret|token)s?$",
    re.IGNORECASE,
)
# Tables whose values are names of variables, and tables whose values may be anything.
_NAMES_OF_VARIABLES = frozenset({"env_http_headers"})
_ALL_SECRET = frozenset({"http_headers"})
_LOOKS_SECRET = re.compile(
    r"\b(?:(?:sk|sess|rk|pk)[-_]|gh[a-z]_|github_pat_|glpat-|xox[a-z]-|vk-|eyJ)"
    r"(?:[\w-]|\.(?!\.)){6,}"
    r"|\b[A-Za-z0-9]{10}-[A-Za-z0-9]{22}\b"
    r"|(?<=Bearer )[^\s\"']+|(?<=://)[^\s\"'/@]+:[^\s\"'/@]+(?=@)"
)
# In a comment, or in a text that is not TOML, only the look of it tells.
_COMMENT = re.compile(r"#[^\n]*")
_LOOKS_ASSIGNED = re.compile(
    r"""((?:authorization|bearer_token|api_?key|password|secret|token)["']?[ \t]*=[ \t]*["'])"""
    r"""([^"'\n]+)""",
    re.IGNORECASE,
)


def shown_value(path: KeyPath, raw: str | None) -> str:
    """Return the TOML value `raw` of the key `path`, masked where it is secret."""
    if raw is None:
        return ""
    return _masked_text(f"value = {raw}", path)[len("value = ") :]


def shown_diff(name: str, old: str, new: str) -> str:
    """Return the unified diff of one file, masked where it is secret."""
    lines = difflib.unified_diff(
        _masked_text(old).splitlines(), _masked_text(new).splitlines(), name, name, lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _masked_text(text: str, above: KeyPath = ()) -> str:
    """Mask the strings of secret keys in `text`, and whatever looks like a secret anywhere."""
    try:
        tomllib.loads(text)
        masked = _mask_keys(text, above)
        masked = _COMMENT.sub(lambda match: _mask_assigned(match[0]), masked)
    except (ValueError, RecursionError):
        masked = _mask_assigned(text)
    return _LOOKS_SECRET.sub(lambda match: hint(match[0]), masked)


def _mask_keys(text: str, above: KeyPath) -> str:
    pieces, done = list[str](), 0
    for pair in read_layout(text).all_pairs():
        start, end = pair.value
        if text[start] in "\"'[" and _is_secret((*above, *pair.path)):
            pieces += [text[done:start], _mask(text[start:end])]
            done = end
    return "".join([*pieces, text[done:]])


def _is_secret(path: KeyPath) -> bool:
    if any(name in _NAMES_OF_VARIABLES or name.endswith("env_var") for name in path):
        return False
    return any(
        name in _ALL_SECRET
        or name.lower() in SENSITIVE_REQUEST_HEADERS
        or _SECRET_NAME.search(name)
        for name in path
    )


def _mask(raw: str) -> str:
    value = value_of(raw)
    return f'"{hint(value)}"' if isinstance(value, str) else '["..."]'


def _mask_assigned(text: str) -> str:
    # A hint made before stays, so that masking twice shows the same.
    return _LOOKS_ASSIGNED.sub(
        lambda match: match[0] if "..." in match[2] else match[1] + hint(match[2]), text
    )
