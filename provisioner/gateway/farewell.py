"""Answers that a stop does not wait for any longer: each is told, so that its client knows why."""

from __future__ import annotations

import asyncio

__all__ = ["STOPPED", "Farewell"]

STOPPED = "the gateway is being stopped"
"""What clients and records are told."""


class Farewell:
    """The answers that are being given; use it on one event loop."""

    def __init__(self) -> None:
        """Start with none."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._said = False

    def begin(self) -> asyncio.Task[object]:
        """Have the running task, returned, cancelled when it is time to end.

        Then `heard` is true. `end` it in any case.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - nothing else runs coroutines
        self._tasks.add(task)
        return task

    def end(self, task: asyncio.Task[object]) -> None:
        """Leave `task` alone from now on."""
        self._tasks.discard(task)

    def say(self) -> None:
        """Cancel all that is being answered."""
        self._said = True
        for task in self._tasks:
            task.cancel()

    def heard(self) -> bool:
        """Say whether a cancellation that was just caught is that of a stop, and take it back."""
        task = asyncio.current_task()
        if self._said and task is not None:
            task.uncancel()
        return self._said
