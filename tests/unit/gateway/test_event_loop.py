"""A gateway serves on uvloop where there is one, and on asyncio's own loop elsewhere."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType

import pytest

from provisioner.gateway.event_loop import run


class OtherLoop(asyncio.SelectorEventLoop):
    """Stands for the loop of a package that may not be installed."""


async def note_loop(into: list[asyncio.AbstractEventLoop]) -> None:
    into.append(asyncio.get_running_loop())


def test_the_faster_loop_is_used_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("uvloop")
    package.new_event_loop = OtherLoop  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "uvloop", package)
    seen: list[asyncio.AbstractEventLoop] = []

    run(note_loop(seen))

    assert [type(loop) for loop in seen] == [OtherLoop]
    assert seen[0].is_closed()


def test_without_it_everything_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    seen: list[asyncio.AbstractEventLoop] = []

    run(note_loop(seen))

    assert [loop.is_closed() for loop in seen] == [True]
    assert not isinstance(seen[0], OtherLoop)
