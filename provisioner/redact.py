"""Secrets become hints at the door: a value that cannot be printed, and the masking rule.

The masking rule is the one Coder's AI Gateway records as `credential_hint`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

__all__ = [
    "SENSITIVE_REQUEST_HEADERS",
    "Secret",
    "SecretMask",
    "hidden",
    "hint",
    "is_secret_name",
    "mask_by_look",
    "secret_looking",
]

SENSITIVE_REQUEST_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "coder-session-token",
        "cookie",
        "proxy-authorization",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-coder-ai-governance-token",
        "x-goog-api-key",
        "xi-api-key",
    }
)

_SHOWN_BY_LENGTH = ((20, 4), (10, 2), (5, 1))

# Longer pieces of a secret are as good as cut off it; base64 makes four characters of three bytes.
_PIECE, _PIECE_IN_BASE64 = 12, 16
_SIZES = (_PIECE_IN_BASE64, _PIECE)

_HINT = re.compile(r".{0,4}\.\.\..{0,4}")
_SECRET_NAME = re.compile(
    r"(?i)(?:api[_-]?key|authorization|bearer|cookie|credential|passphrase|passwd|password|secret"
    r"|token)s?$|(?:^|[_-])(?:key|pass|pwd|sig|signature)s?$"
)

# Text alone, as of a file that cannot be parsed: each group that matches is a secret.
_LOOKS_SECRET = re.compile(
    r"""(?ix)
    \b((?:(?:sk|sess|rk|pk|vk|prv)[-_]|gh[a-z]_|github_pat_|glpat-|npm_|xox[a-z]-|eyJ)
       (?=[\w.-]*\d)(?:[\w-]|\.(?!\.)){12,})
    |\b([a-z0-9]{10}-[a-z0-9]{22})\b
    |(?<=bearer\ )([^\s"'$<{]{8,})
    |(?<=://)([^\s"'/@$]+:[^\s"'/@$]+)(?=@)
    |(?<=["'])(?=[a-z+/_=]*\d)(?=[0-9+/_=]*[a-z])([a-z0-9+/_=]{24,})(?=["'])
    |(?:api[_-]?key|(?:access|private|subscription)[_-]?key|authorization|bearer|cookie
       |passphrase|passwd|password|secret|token|[_-]pass|[_-]pwd)
       ["']?[ \t]*[=:][ \t]*["'](?![A-Z_]+["'])([^"'\n$]{8,})
    """
)


def hint(secret: str) -> str:
    """Return enough of `secret` to tell two apart and too little to use, such as `sk-t...cdef`."""
    for least, shown in _SHOWN_BY_LENGTH:
        if len(secret) >= least:
            return f"{secret[:shown]}...{secret[-shown:]}"
    return "..."


def secret_looking(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every stretch of `text` that may be a secret, from its look alone.

    These are the shapes of known keys, passwords in URLs, what stands after `Bearer`, quoted words
    that only a machine writes, and quoted values of keys that are named like a secret.
    """
    for match in _LOOKS_SECRET.finditer(text):
        yield match.span(match.lastindex or 0)


def is_secret_name(name: str) -> bool:
    """Say whether a key or variable of this name holds a secret, such as `DB_PASS` or `x-api-key`.

    A key that holds the name of a variable, such as `env_key`, is for the caller to know.
    """
    return name.lower() in SENSITIVE_REQUEST_HEADERS or bool(_SECRET_NAME.search(name))


def mask_by_look(text: str, mask: Callable[[str], str]) -> str:
    """Return `text` with `mask` of every stretch that `secret_looking` finds in its place."""
    pieces, done = list[str](), 0
    for first, last in secret_looking(text):
        # A hint made before stays, so that masking twice shows the same.
        if not _HINT.fullmatch(text, first, last):
            pieces += [text[done:first], mask(text[first:last])]
            done = last
    return "".join([*pieces, text[done:]])


class Secret:
    """A credential that no print, log or traceback can show; `reveal` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Hold `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, for the one place that must send it."""
        return self._value

    @property
    def hint(self) -> str:
        """The masked form that records and messages show."""
        return hint(self._value)

    def __bool__(self) -> bool:
        """Say whether there is a value at all."""
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415 - it costs start-up time, and few programs compare

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        """Hash with the value, so that equal secrets meet in a set."""
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        """Show the hint, never the value."""
        return f"Secret({self.hint})"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled: a pickle is a file or a pipe."""
        raise TypeError("a Secret cannot be pickled")


class SecretMask:
    """Shows secrets in texts as their hints; what it looks for is worked out once for each.

    Pieces of one from 12 characters on, as of a text that was cut, and its percent and base64
    encodings, whatever stands before it in them, become `...`.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Look for `secrets`, and those that are added."""
        self._known: dict[Secret, None] = {}
        self._pieces: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Look for this one too."""
        if secret and secret not in self._known:
            self._known[secret] = None
            self._pieces.update(_pieces(secret.reveal()))

    def hide(self, text: str) -> str:
        """Return `text` with nothing of the secrets but their hints."""
        for secret in self._known:
            text = text.replace(secret.reveal(), secret.hint)
        return _without(text, self._pieces) if self._pieces else text


def hidden(text: str, secrets: Iterable[Secret]) -> str:
    """Return `text` as a `SecretMask` of `secrets` shows it."""
    return SecretMask(secrets).hide(text)


def _pieces(secret: str) -> Iterator[str]:
    raw = secret.encode(errors="surrogateescape")
    yield from _windows(secret, _PIECE)
    yield from _windows(quote(raw, safe=""), _PIECE)
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw).decode()
        # Not the characters that its neighbours decide too.
        inner = text[(0, 2, 3)[shift] : len(text) - 4]
        yield from _windows(inner, _PIECE_IN_BASE64)
        yield from _windows(inner.translate(str.maketrans("+/", "-_")), _PIECE_IN_BASE64)


def _windows(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(len(text) - size + 1))


def _without(text: str, pieces: set[str]) -> str:
    kept, place = list[str](), 0
    while place < len(text):
        end = place
        at = place
        # As far as pieces overlap or touch.
        while at <= end:
            size = next((n for n in _SIZES if text[at : at + n] in pieces), 0)
            end = max(end, at + size)
            at += 1
        kept.append("..." if end > place else text[place])
        place = max(end, place + 1)
    return "".join(kept)
