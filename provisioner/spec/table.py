"""What every table of a spec has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Table"]


class Table(BaseModel):
    """One table of a spec: nothing in it is unknown, changed or guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
