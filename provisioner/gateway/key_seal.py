"""Provider keys that are kept in the database: sealed with a secret that is not in it.

The pad is SHAKE-256 of the secret and a random number that is used once, and an HMAC tells whether
anybody changed what was sealed, or put it in another place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from provisioner.gateway.own_secret import OwnSecret
from provisioner.redact import Secret

__all__ = ["PROVIDER_SECRET", "KeySeal"]

PROVIDER_SECRET = OwnSecret(
    "PROVISIONER_GATEWAY_SECRET",
    "provider-secret",
    "keys of providers",
)
"""What provider keys are sealed with."""

_NONCE, _TAG = 16, 32


class KeySeal:
    """Seals keys and opens them again."""

    def __init__(self, secret: Secret) -> None:
        """Take the `secret`, the same in all gateways on one database."""
        text = secret.reveal().encode()
        self._pad_key = hmac.digest(text, b"pad", "sha256")
        self._tag_key = hmac.digest(text, b"tag", "sha256")

    def seal(self, place: str, key: Secret) -> str:
        """Return `key` as it may be stored; it can be opened for the same `place` alone."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._padded(nonce, key.reveal().encode())
        return base64.b64encode(self._tag(place, sealed) + sealed).decode()

    def open(self, place: str, sealed: str) -> Secret | None:
        """Return what was sealed; None for another secret or place, and for nonsense."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except ValueError:
            return None
        tag, rest = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(place, rest)):
            return None
        return Secret(self._padded(rest[:_NONCE], rest[_NONCE:]).decode())

    def _tag(self, place: str, sealed: bytes) -> bytes:
        return hmac.digest(self._tag_key, place.encode() + b"\n" + sealed, "sha256")

    def _padded(self, nonce: bytes, text: bytes) -> bytes:
        pad = hashlib.shake_256(self._pad_key + nonce).digest(len(text))
        return bytes(one ^ other for one, other in zip(text, pad, strict=True))
