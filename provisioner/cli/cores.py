"""How many processes can really run at once."""

from __future__ import annotations

import contextlib
import os

__all__ = ["cores"]


def cores() -> int:
    """Return the number of cores that this process may use."""
    with contextlib.suppress(AttributeError):  # Only Linux has it.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
