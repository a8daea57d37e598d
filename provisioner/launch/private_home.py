"""A Codex home that holds nothing but what it was given, and the environment that goes with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.private_folder import make_private_folder
from provisioner.redact import Secret

__all__ = ["PrivateHome"]

# What a program needs to run at all; everything else could change the flow.
_KEPT = ("LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TERM", "TMPDIR", "TZ")


@dataclass(frozen=True, slots=True)
class PrivateHome:
    """A home directory of its own, with Codex's home inside it."""

    folder: Path

    @property
    def codex_home(self) -> Path:
        """What CODEX_HOME is set to."""
        return self.folder / ".codex"

    def write(self, files: Mapping[str, str]) -> None:
        """Create the home with `files` in Codex's folder, readable by their owner only."""
        make_private_folder(self.codex_home)
        for name, text in files.items():
            descriptor = os.open(
                self.codex_home / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
            )
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)

    def environment(self, secrets: Mapping[str, Secret]) -> dict[str, str]:
        """Return the whole environment of a Codex that runs in this home."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        given = {name: secret.reveal() for name, secret in secrets.items()}
        return {**kept, "HOME": str(self.folder), "CODEX_HOME": str(self.codex_home), **given}
