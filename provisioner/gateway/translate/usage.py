"""Token counts of any service in, usage of the Responses API out, complete as Codex insists on.

Codex repeats a turn whose usage has details without their counts (measured on 0.122 to 0.169).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["usage_of"]


def usage_of(
    *, read: int, cached: int = 0, written: int = 0, said: int, thought: int = 0
) -> Mapping[str, Any]:
    """Return the usage of one answer.

    `read` counts all of the input, `cached` what of it came from a cache and `written` what went
    into one; `said` counts all of the output, `thought` the reasoning in it.
    """
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": read + said,
    }
