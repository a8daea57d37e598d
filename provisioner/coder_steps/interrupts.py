"""Ctrl-C, and SIGTERM of a CI runner: never between a request that makes something and its answer.

Whoever is interrupted there would not know what is there now.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

__all__ = ["Interrupts"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SLICE = 0.2


class Interrupts:
    """Turns both signals into `KeyboardInterrupt` while entered, at once or a little later."""

    def __init__(
        self, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Call `say` when an interrupt has to wait."""
        self._say, self._sleep = say, sleep
        self._held = 0
        self._is_pending = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals over; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            self._before = {sign: signal.signal(sign, self._handle) for sign in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a first interrupt back until the end of the block; a second one ends it at once."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._raise_pending()

    def pause(self, seconds: float) -> None:
        """Sleep, also between the attempts of a request that is held: nothing is under way then."""
        self._raise_pending()
        while seconds > 0:
            self._sleep(min(seconds, _SLICE))
            seconds -= _SLICE
            self._raise_pending()

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        if self._held and not self._is_pending:
            self._is_pending = True
            self._say("stopping when the deployment has answered; once more stops without knowing")
            return
        self._is_pending = False
        raise KeyboardInterrupt

    def _raise_pending(self) -> None:
        if self._is_pending:
            self._is_pending = False
            raise KeyboardInterrupt
