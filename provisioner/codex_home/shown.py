"""Config text and values as people may see them: secrets are masked."""

from __future__ import annotations

import difflib
import re
import tomllib

from provisioner.codex_home.model import KeyPath
from provisioner.codex_home.toml_layout import read_layout
from provisioner.codex_home.toml_values import value_of
from provisioner.redact import hint, is_secret_name, mask_by_look

__all__ = ["shown_diff", "shown_value"]

# Keys whose values are names of variables, and tables and lists whose values may be anything: one
# of them may well be a credential under a name that nobody foresaw.
_NAMES_OF_VARIABLES = frozenset({"env_http_headers", "env_key", "env_vars"})
_ALL_SECRET = frozenset({"args", "env", "headers", "http_headers", "query_params", "set"})
_COMMENT = re.compile(r"#[^\n]*")
_QUOTED = re.compile(r"\"[^\"\n]+\"|'[^'\n]+'")
_NOT_SHOWN = "(this is not TOML, so its secrets cannot be told from the rest)"


def shown_value(path: KeyPath, raw: str | None) -> str:
    """Return the TOML value `raw` of the key `path`, masked where it is secret."""
    if raw is None:
        return ""
    return _masked_text(f"value = {raw}", path)[len("value = ") :]


def shown_diff(name: str, old: str, new: str) -> str:
    """Return the unified diff of one file, only the lines that differ, masked where secret."""
    lines = difflib.unified_diff(
        _masked_text(old).splitlines(), _masked_text(new).splitlines(), name, name, "", "", 0, ""
    )
    return "".join(f"{line}\n" for line in lines)


def _masked_text(text: str, above: KeyPath = ()) -> str:
    """Mask the values of secret keys in `text`, and whatever looks like a secret anywhere."""
    try:
        tomllib.loads(text)
        masked = _mask_keys(text, above)
    except (ValueError, RecursionError):
        return _NOT_SHOWN
    # What is commented out has no key that could tell.
    return mask_by_look(_COMMENT.sub(lambda comment: _mask_assigned(comment[0]), masked), hint)


def _mask_keys(text: str, above: KeyPath) -> str:
    pieces, done = list[str](), 0
    for pair in read_layout(text).all_pairs():
        start, end = pair.value
        masked = _masked_value(text[start:end], (*above, *pair.path))
        if masked is not None:
            pieces += [text[done:start], masked]
            done = end
    return "".join([*pieces, text[done:]])


def _masked_value(raw: str, path: KeyPath) -> str | None:
    """Return what to show for a value, None when it may be shown as it is."""
    # The pairs of an inline table come one by one.
    if raw.startswith("{") or any(_names_variables(name) for name in path):
        return None
    is_any = not _ALL_SECRET.isdisjoint(path)
    if not is_any and not (raw[0] in "\"'[" and any(map(is_secret_name, path))):
        return None
    value = value_of(raw)
    if isinstance(value, list):
        return '["..."]'
    return f'"{hint(value)}"' if isinstance(value, str) else '"..."'


def _names_variables(name: str) -> bool:
    return name in _NAMES_OF_VARIABLES or name.endswith("env_var")


def _mask_assigned(comment: str) -> str:
    if "=" not in comment and ":" not in comment:
        return comment
    return _QUOTED.sub(lambda text: text[0][0] + hint(text[0][1:-1]) + text[0][-1], comment)
