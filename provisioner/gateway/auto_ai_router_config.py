"""What the configuration says about the dialect `auto-ai-router`, besides the router's own file.

Where the router's pages and its code differ (MiXaiLL76/auto_ai_router, March 2026), the pages are
the default.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["AutoAiRouterConfig"]


class AutoAiRouterConfig(BaseModel):
    """Which of the two is played."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    follow: Literal["pages", "code"] = "pages"
    """The pages leave out base URLs and list aliases; the code refuses and ignores that."""
    unknown_model_status: Literal[404, 429] = 404
    all_banned_status: Literal[429, 503] = 503
