"""Requests as they came, in files: for finding out what a client really sends.

One file a request, `<folder>/<provider>/<model>/<unix ms>-<interception>.req.txt`, as Coder names
its API dumps. Credentials are shown as hints; bodies are not redacted.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from provisioner.gateway.record.model import InterceptionStart
from provisioner.private_folder import make_private_folder
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, hint

__all__ = ["RequestDump"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class RequestDump:
    """Writes each request of a gateway below one folder, for its owner only."""

    def __init__(self, folder: Path) -> None:
        """Write below `folder`, which is made when it is missing."""
        self._folder = folder

    async def write(self, start: InterceptionStart, request: web.Request, body: bytes) -> None:
        """Write `request`, whose decoded body is `body`.

        Raises `OSError` when it cannot be written.
        """
        model = _UNSAFE.sub("-", start.model) or "-"
        moment = int(start.started_at.timestamp() * 1000)
        path = self._folder / start.provider / model / f"{moment}-{start.id}.req.txt"
        text = _head(request.method, request.rel_url.raw_path_qs, request.raw_headers)
        await asyncio.to_thread(_write, path, text.encode(errors="replace") + body)


def _head(method: str, target: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the head with names spelled and ordered as they came."""
    lines = [f"{method} {target} HTTP/1.1"]
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() in SENSITIVE_REQUEST_HEADERS:
            scheme, space, rest = value.partition(" ")
            value = f"{scheme} {hint(rest)}" if space else hint(value)
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""])


def _write(path: Path, content: bytes) -> None:
    make_private_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
