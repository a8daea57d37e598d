"""A request as all the APIs behind see it: rounds of what the model and the user said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.tools import Toolbox

__all__ = ["Asked", "Call", "Choice", "Image", "Result", "Round", "Text", "Thought", "Wishes"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words, never none."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: its bytes in Base64 with their type, or else the address where it is."""

    media_type: str
    data: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Thought:
    """Reasoning that the service itself sealed, as it wants it back."""

    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call under the name that the service knows the tool by."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a call."""

    call: Call
    parts: tuple[Text | Image, ...]


@dataclass(slots=True)
class Round:
    """What the model said, the results of its calls in their order, and what the user said then.

    Only the first round may lack the model's part, and each has a result or a part of the user.
    """

    model: list[Text | Thought | Call] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    user: list[Text | Image] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether tools may be called: `auto`, `none`, `required`, or `one` with its `name`."""

    mode: str = "auto"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a request wants to be answered; None is for what it does not say.

    `effort` is empty for a request that wants reasoning without saying how much.
    """

    choice: Choice = Choice()
    parallel: bool | None = None
    effort: str | None = None
    summary: bool = False
    verbosity: str | None = None
    format: Mapping[str, Any] | None = None
    service_tier: str | None = None
    cache_key: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole request; whoever writes it for a service adds to `dropped` what that cannot take."""

    model: str
    system: tuple[str, ...]
    rounds: tuple[Round, ...]
    tools: Toolbox
    wishes: Wishes
    dropped: Dropped
