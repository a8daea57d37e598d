"""File descriptors: as many as this process may have, and a word in the log when none is left."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.accepting import NONE_LEFT

__all__ = ["LoopErrors", "raise_limit"]

_QUIET_SECONDS = 10.0
# macOS calls its limit infinite and takes no larger number than this.
_MACOS_MOST = 10_240

_log = logging.getLogger(__name__)


def raise_limit() -> int:
    """Allow this process as many open files as it may allow itself; return how many.

    The limit that a shell starts with, often 1024, is far below what a gateway may need: two for
    each stream. Elsewhere than on Unix there is no such limit, and 0 is returned.
    """
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - Unix alone has it

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(most, _MACOS_MOST) if sys.platform == "darwin" else most
    if now == resource.RLIM_INFINITY or now >= wanted:
        return now
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    except (OSError, ValueError):
        # What there is has to do.
        return now
    return wanted


class LoopErrors:
    """Logs what goes wrong on an event loop where nobody waits for it.

    Of exceptions only the type is told: their messages may quote what clients sent.
    """

    def __init__(self, limit: int) -> None:
        """Name `limit` when the process has no file descriptor left."""
        self._limit = limit
        self._quiet_until = 0.0

    def __call__(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Log the exception in `context`, as event loops call their handlers."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in NONE_LEFT:
            _log.error("internal error: %s", type(error).__name__)
            return
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + _QUIET_SECONDS
            _log.error(
                "new connections have to wait, as no more files can be open (the limit is %d): "
                "raise it, or set `max_concurrency`",
                self._limit,
            )
