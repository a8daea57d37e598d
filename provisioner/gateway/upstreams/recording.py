"""A folder of dumped exchanges in, what was asked and answered out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.errors import InputError
from provisioner.gateway.json_parts import as_object
from provisioner.gateway.upstreams.conversation import position

__all__ = ["Question", "Recorded", "Recording", "question", "read_recording"]

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
# Hop by hop, or no longer true of a body that is sent again.
_NOT_REPLAYED = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What makes two requests the same question: the last message and what was done for it since.

    `body` is the whole body in one form, for telling apart what else is the same.
    """

    method: str
    path: str
    prompt: str
    outputs: int
    body: str

    @property
    def gist(self) -> tuple[str, str, str, int]:
        """The question without what clients change from run to run: ids, dates, folders."""
        return self.method, self.path, self.prompt, self.outputs


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that was recorded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Recording = tuple[tuple[Question, Recorded], ...]
"""Exchanges in the order they were recorded."""


def question(method: str, path: str, document: Mapping[str, Any]) -> Question:
    """Return what a request asks; `path` may have anything before the provider's part."""
    prompt, outputs = position(document.get("input", document.get("messages")))
    return Question(method, path, prompt, outputs, json.dumps(dict(document), sort_keys=True))


def read_recording(folder: Path) -> Recording:
    """Read each `*.req.txt` below `folder` that has its `*.resp.txt`, as a gateway dumps them.

    Raises `InputError` when there is none, or one is not HTTP.
    """
    try:
        requests = sorted(folder.rglob("*.req.txt"), key=lambda path: path.name)
        pairs = [(asked, _answer_of(asked)) for asked in requests]
        found = [(_asked(asked), _told(told)) for asked, told in pairs if told.is_file()]
    except OSError as error:
        raise InputError(f'cannot read "{error.filename}": {error.strerror}') from error
    if not found:
        raise InputError(
            f'"{folder}" holds no recorded exchange: a `.req.txt` with its `.resp.txt`; '
            "a gateway with `dump_dir` writes them"
        )
    return tuple(found)


def _answer_of(asked: Path) -> Path:
    return asked.with_name(asked.name.removesuffix(".req.txt") + ".resp.txt")


def _asked(path: Path) -> Question:
    (method, target, *_), _, body = _message(path)
    return question(method, target.partition("?")[0], as_object(body))


def _told(path: Path) -> Recorded:
    (_, status, *_), headers, body = _message(path)
    if not (status.isascii() and status.isdigit() and 200 <= int(status) <= 599):
        raise InputError(f'{path}: "{status}" is not an HTTP status')
    return Recorded(int(status), headers, body)


def _message(path: Path) -> tuple[list[str], Mapping[str, str], bytes]:
    """Return the words of the first line, the headers and the body."""
    # Written by hand, the lines of the head may end in LF alone.
    head, *rest = _END_OF_HEAD.split(path.read_bytes(), maxsplit=1)
    body = rest[0] if rest else b""
    first, *lines = head.decode(errors="replace").splitlines()
    words = first.split()
    if len(words) < 2:
        raise InputError(f"{path}:1: not the first line of an HTTP message")
    fields = (line.partition(": ") for line in lines)
    headers = {name: value for name, _, value in fields if name.lower() not in _NOT_REPLAYED}
    return words, headers, body
