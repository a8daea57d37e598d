"""What can go wrong with a scripted turn, as the script says it."""

from __future__ import annotations

import enum
import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Ending", "Failed", "Failure", "Seconds"]

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)

Seconds = Annotated[float, Field(ge=0, le=3600)]


class Ending(enum.StrEnum):
    """How an answer stops without its last event."""

    CLOSE = "close"
    """The stream ends as if all were said."""
    RESET = "reset"
    """The client's connection is cut."""
    STALL = "stall"
    """Nothing more comes, and the connection stays."""
    BREAK = "break"
    """The upstream is gone, which the gateway tells the client."""


class Failed(BaseModel):
    """What a `response.failed` event says."""

    model_config = _CONFIG

    code: str = ""
    message: str = ""


class Failure(BaseModel):
    """Exactly one thing that goes wrong.

    `times` is how often, for the same question; 0 is always. `after_events` is how many events of
    the turn come first, all but the last one if it is absent.
    """

    model_config = _CONFIG

    times: Annotated[int, Field(ge=0)] = 0
    after_events: Annotated[int, Field(ge=0)] | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    json_body: Annotated[dict[str, Any], Field(alias="json")] = Field(default_factory=dict)
    failed: Failed | None = None
    incomplete: str = ""
    event: str = ""
    ending: Ending | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        kinds = {
            "status": self.status is not None,
            "failed": self.failed is not None,
            "incomplete": bool(self.incomplete),
            "event": bool(self.event),
            "ending": self.ending is not None,
        }
        if sum(kinds.values()) != 1:
            raise ValueError(f"a failure has exactly one of {', '.join(kinds)}")
        if self.status is None and (self.headers or self.body or self.json_body):
            raise ValueError("`headers`, `body` and `json` go with `status`")
        if self.status is not None and self.after_events is not None:
            raise ValueError("a `status` comes before all events")
        if self.body and self.json_body:
            raise ValueError("a failure has a `body` or a `json`, not both")
        for name, value in self.headers.items():
            if not name.isascii() or not name or any(mark in name + value for mark in "\r\n\0"):
                raise ValueError(f'"{name}" is not a header that can be sent')
        return self

    @property
    def content(self) -> bytes:
        """The body that goes with a status."""
        return json.dumps(self.json_body).encode() if self.json_body else self.body.encode()
