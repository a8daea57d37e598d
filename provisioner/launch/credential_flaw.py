"""A credential's text → why it cannot be sent as it is, without quoting it."""

from __future__ import annotations

__all__ = ["credential_flaw"]


def credential_flaw(value: str) -> str:
    """Return what is wrong with `value` as the value of a header; empty when nothing is.

    Codex sends a key with the spaces around it, and sends no Authorization at all when the key
    ends in a newline.
    """
    if not value.strip():
        return "is empty" if not value else "holds nothing but white space"
    if value.endswith(("\n", "\r")):
        return "ends in a newline, and Codex would then send no credential at all"
    if value != value.strip():
        return "has white space around it, which Codex would send along"
    if any(character.isspace() for character in value):
        return "has white space in it"
    if not (value.isascii() and value.isprintable()):
        return "holds a character that no header can carry"
    return ""
