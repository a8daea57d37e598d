"""Judgements of earlier runs, by what they depend on: the request, the files and this program."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from provisioner.cache.entry import fingerprint, recall_entry, remember_entry
from provisioner.cache.store import digest
from provisioner.finding import Finding
from provisioner.redact import secret_looking
from provisioner.syntax.source import SyntaxProblem, decode_source
from provisioner.validate.files import Disk
from provisioner.validate.request import Judgement, Request, Unit

__all__ = ["recall_judgement", "remember_judgement"]

_ROOM = "judgements"


class _Kept(msgspec.Struct, frozen=True):
    """A judgement without the texts, which are read again."""

    kept: tuple[Finding, ...]
    hidden: tuple[Finding, ...]


def recall_judgement(unit: Unit, request: Request, disk: Disk) -> Judgement | None:
    """Return the judgement of an earlier run, if another one would be the same."""
    entry = recall_entry(_ROOM, _key(unit, request))
    if entry is None:
        return None
    try:
        found = msgspec.msgpack.decode(entry[0], type=_Kept)
    except msgspec.MsgspecError:
        return None
    disk.seen |= entry[1]
    return Judgement(found.kept, found.hidden, {path: _text(path, disk) for path in unit.wanted})


def remember_judgement(
    unit: Unit, request: Request, judgement: Judgement, seen: Mapping[tuple[str, str], str]
) -> None:
    """Keep a judgement for other runs, unless a finding could repeat a credential."""
    if any(True for text in judgement.sources.values() for _ in secret_looking(text)):
        return
    if any(finding.secret for finding in (*judgement.kept, *judgement.hidden)):
        return
    kept = _Kept(judgement.kept, judgement.hidden)
    with contextlib.suppress(UnicodeEncodeError):
        remember_entry(_ROOM, _key(unit, request), seen, msgspec.msgpack.encode(kept))


def _text(path: str, disk: Disk) -> str:
    data = disk.read(Path(path))
    return "" if isinstance(data, SyntaxProblem) else decode_source(data, path)[0].text


def _key(unit: Unit, request: Request) -> str:
    # Paths need not be text: `repr` can write those too.
    return digest(_fingerprint(), repr((unit, request)).encode())


@cache
def _fingerprint() -> bytes:
    return fingerprint()
