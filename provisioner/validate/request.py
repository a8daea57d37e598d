"""What is to be judged and how, and the judgement: plain data, which other processes can have."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from provisioner.finding import Finding

__all__ = ["Judgement", "Request", "Unit"]


class Request(Struct, frozen=True):
    """What the user asks for; the newest known Codex where `codex_version` is None."""

    codex_version: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]


class Unit(Struct, frozen=True):
    """A folder, or one Codex config, and the files that were asked for."""

    path: str
    is_folder: bool
    wanted: tuple[str, ...]


class Judgement(Struct, frozen=True):
    """The findings in the wanted files of a unit, those that comments leave out, and the texts."""

    kept: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    sources: Mapping[str, str]
