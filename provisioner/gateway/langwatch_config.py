"""What the configuration says about the dialect `langwatch`.

Where LangWatch's pages and its code differ (langwatch/langwatch 6ce6cbb), the pages are the
default.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["CACHE_HEADER", "LangWatchConfig"]

CACHE_HEADER = "X-LangWatch-Cache"
"""Asks for a cache mode, and tells it."""


class LangWatchConfig(BaseModel):
    """Which of the two is played."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    follow: Literal["pages", "code"] = "pages"
    """Whose codes and headers answers have."""
    model_not_allowed_status: Literal[400, 403] = 403
    cache_ttl: Literal["accept", "refuse"] = "accept"
    """What becomes of `X-LangWatch-Cache: ttl=N`; the published v1 refuses it."""
