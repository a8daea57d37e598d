"""The first line and the headers of a message in, its head as a file may show it out.

Every credential is a hint, whatever stands around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_plus

from provisioner.redact import hint, is_secret_name, mask_by_look

__all__ = ["message_head", "shown_target"]

_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
# Only behind one of these words is the rest the credential; elsewhere all of a value is.
_WITH_SCHEME = frozenset({"authorization", "proxy-authorization"})
_SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "token"})


def message_head(first: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """Return a head with names spelled and ordered as they came."""
    lines = [first, *(f"{name}: {_shown(name.lower(), value)}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode(errors="replace")


def shown_target(target: str) -> str:
    """Return a request's path and query with hints in place of what looks like a credential."""
    path, mark, query = target.partition("?")
    return mask_by_look(path, hint) + mark + "&".join(map(_shown_pair, query.split("&")))


def _shown_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    shown = hint(value) if value and is_secret_name(unquote_plus(name)) else value
    return mask_by_look(f"{name}{equals}{shown}", hint)


def _shown(name: str, value: str) -> str:
    if name in _WITH_SCHEME:
        scheme, space, rest = value.partition(" ")
        if space and scheme.lower() in _SCHEMES:
            return f"{scheme} {hint(rest)}"
    if name in _CHALLENGES or is_secret_name(name):
        return hint(value)
    return mask_by_look(value, hint)
