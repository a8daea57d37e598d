"""Secrets → whether a text gives one away: whole, in part, or in base64 or percent encoding."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote_to_bytes

__all__ = ["SecretSearch"]

_PIECE = 12
# No secret of a test holds a quote or a bracket, and without them most words of a file repeat.
_WORD = re.compile(rb"""[^\x00-\x20"'`,;(){}<>\[\]\\\x7f-\xff]{%d,}""" % _PIECE)


class SecretSearch:
    """Looks for every piece of 12 characters of each secret; hints are shorter."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """Prepare the search for `secrets`, by a name that failures show in their place."""
        self._names = {
            piece: f"{name} ({form})"
            for name, secret in secrets.items()
            for form, piece in _pieces(secret.encode())
        }
        self._words: dict[bytes, tuple[str, ...]] = {}

    def found_in(self, text: str | bytes) -> list[str]:
        """Return the names of the secrets that `text` shows a piece of, each with its form."""
        content = text.encode(errors="surrogateescape") if isinstance(text, str) else text
        words = dict.fromkeys(_WORD.findall(content))
        return list(dict.fromkeys(name for word in words for name in self._found_in_word(word)))

    def _found_in_word(self, word: bytes) -> tuple[str, ...]:
        # Versions of one file have most of their words in common.
        if word not in self._words:
            plain = unquote_to_bytes(word) if b"%" in word else b""
            self._words[word] = tuple(
                name
                for view in (word, plain)
                for start in range(len(view) - _PIECE + 1)
                if (name := self._names.get(view[start : start + _PIECE]))
            )
        return self._words[word]


def _pieces(secret: bytes) -> Iterator[tuple[str, bytes]]:
    assert len(secret) >= _PIECE + 8, "a secret of a test is long enough to be cut into pieces"
    for form, text in _forms(secret):
        for start in range(len(text) - _PIECE + 1):
            yield form, text[start : start + _PIECE]


def _forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    yield "percent-encoded", quote(secret, safe="").encode()
    yield "as it is", secret
    for shift in range(3):
        # What stands before it decides where the secret starts within three bytes.
        text = base64.b64encode(bytes(shift) + secret)
        inner = text[(0, 2, 3)[shift] : len(text) - 4]
        yield "in base64", inner
        yield "in base64", inner.translate(bytes.maketrans(b"+/", b"-_"))
