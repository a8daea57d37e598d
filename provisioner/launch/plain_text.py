"""Text from a program or a server → text that is safe to show on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.redact import Secret, hidden

__all__ = ["plain_text"]


def plain_text(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` on one line, without control characters, secrets replaced by their hints."""
    words = "".join(
        c if c.isprintable() or c.isspace() else "\N{REPLACEMENT CHARACTER}"
        for c in hidden(text, secrets)
    )
    return " ".join(words.split())
