"""Exchanges in files: what clients really send, and what upstreams really answer.

Named as Coder names its API dumps, `<folder>/<provider>/<model>/<unix ms>-<interception>`:
`.req.txt` is the request as the client sent it, its body decoded; `.resp.txt` what the upstream
answered; `.req_error.txt` why it did not. What is passed through goes to `<provider>/passthrough`.
Credentials are shown as hints; bodies are not redacted.
"""

from __future__ import annotations

import asyncio
import http
import logging
import os
import re
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from aiohttp import web

from provisioner.gateway.dump_head import message_head, shown_target
from provisioner.gateway.upstreams.protocol import UpstreamResponse
from provisioner.private_folder import make_private_folder

__all__ = ["PASSTHROUGH", "AnswerDump", "Dump", "ExchangeDump"]

PASSTHROUGH = "passthrough"
"""Stands for the model of what is passed through without being read."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

_log = logging.getLogger(__name__)


class Dump:
    """Writes the exchanges of a gateway below one folder, for its owner only.

    A file that cannot be written is logged: nobody must go without an answer for it.
    """

    def __init__(self, folder: Path) -> None:
        """Write below `folder`, which is made when it is missing."""
        self._folder = folder

    def exchange(self, provider: str, model: str, began: datetime, number: str) -> ExchangeDump:
        """Return what writes the files of one exchange."""
        moment = int(began.timestamp() * 1000)
        folder = self._folder / provider / (_UNSAFE.sub("-", model).lstrip(".") or "-")
        return ExchangeDump(folder / f"{moment}-{number}")


class ExchangeDump:
    """Writes the files of one exchange."""

    def __init__(self, stem: Path) -> None:
        """Write files that start with `stem`."""
        self._stem = stem

    async def request(self, request: web.BaseRequest, body: bytes) -> None:
        """Write `request`, whose decoded body is `body`."""
        first = f"{request.method} {shown_target(request.rel_url.raw_path_qs)} HTTP/1.1"
        fields = (
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
        )
        await self._whole(".req.txt", message_head(first, fields) + body)

    async def error(self, message: str) -> None:
        """Write why there is no answer."""
        await self._whole(".req_error.txt", f"{message}\n".encode(errors="replace"))

    async def answer(self, answer: UpstreamResponse) -> AnswerDump:
        """Write the head of `answer` and return what takes its body."""
        phrase = http.HTTPStatus(answer.status).phrase if answer.status in _KNOWN else ""
        first = f"HTTP/1.1 {answer.status} {phrase}".rstrip()
        head = message_head(first, answer.headers.items())
        try:
            file = await asyncio.to_thread(_created, self._stem, ".resp.txt")
        except OSError as error:
            _log_failure(error)
            return AnswerDump(None)
        dump = AnswerDump(file)
        dump.feed(head)
        return dump

    async def _whole(self, suffix: str, content: bytes) -> None:
        try:
            await asyncio.to_thread(_write, self._stem, suffix, content)
        except OSError as error:
            _log_failure(error)


class AnswerDump:
    """Takes the body of an answer as it passes."""

    def __init__(self, file: BinaryIO | None) -> None:
        """Write to `file`, or nowhere."""
        self._file = file

    def feed(self, chunk: bytes) -> None:
        """Add `chunk`."""
        if self._file is None:
            return
        try:
            self._file.write(chunk)
        except OSError as error:
            _log_failure(error)
            self.close()

    def close(self) -> None:
        """Write out what is left."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except OSError as error:
            _log_failure(error)


_KNOWN = frozenset(http.HTTPStatus)


def _created(stem: Path, suffix: str) -> BinaryIO:
    make_private_folder(stem.parent)
    path = stem.parent / f"{stem.name}{suffix}"
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(stem: Path, suffix: str, content: bytes) -> None:
    with _created(stem, suffix) as file:
        file.write(content)


def _log_failure(error: OSError) -> None:
    _log.error("exchange not dumped: %s", error.strerror)
