"""The script a scripted upstream plays: a TOML file in, checked turns out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from provisioner.gateway.toml_file import read_toml
from provisioner.gateway.upstreams.script_failure import Failure, Seconds

__all__ = ["BUILT_IN", "PROMPT_MARK", "Script", "ToolCall", "Turn", "Usage", "read_script"]

PROMPT_MARK = "@@PROMPT@@"
"""Stands in a turn's text for the user's prompt, shortened."""

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ToolCall(BaseModel):
    """One tool call: a function with arguments, or a custom tool with free-form input.

    With `run` instead of a name it is a command line, for the tool that the client offers for that.
    """

    model_config = _CONFIG

    name: str = ""
    run: str = ""
    kind: Literal["function", "custom"] = "function"
    arguments: dict[str, Any] = Field(default_factory=dict)
    input: str | None = None

    @model_validator(mode="after")
    def _matches_kind(self) -> Self:
        if bool(self.name) == bool(self.run):
            raise ValueError("a call has a `name` or a command line to `run`")
        if self.run and (self.arguments or self.input is not None or self.kind == "custom"):
            raise ValueError("a call with `run` has nothing else")
        if self.kind == "custom" and (self.input is None or self.arguments):
            raise ValueError('a call of kind "custom" has `input` and no `arguments`')
        if self.kind == "function" and self.input is not None:
            raise ValueError('`input` is for calls of kind "custom"')
        try:
            json.dumps(self.arguments, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"`arguments` cannot be written as JSON: {error}") from error
        return self


class Usage(BaseModel):
    """Token counts of a turn; cached ones are part of the input, reasoning ones of the output."""

    model_config = _CONFIG

    input_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    cached_tokens: NonNegativeInt = 0
    reasoning_tokens: NonNegativeInt = 0

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.cached_tokens > self.input_tokens:
            raise ValueError("`cached_tokens` is part of `input_tokens` and cannot be larger")
        if self.reasoning_tokens > self.output_tokens:
            raise ValueError("`reasoning_tokens` is part of `output_tokens` and cannot be larger")
        return self


class Turn(BaseModel):
    """One answer: reasoning summary, assistant message and tool calls, each optional.

    It starts after `delay_seconds`, with `pause_seconds` before each further event; `failure` is
    what goes wrong with it.
    """

    model_config = _CONFIG

    reasoning: str = ""
    text: str = ""
    tool_call: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    delay_seconds: Seconds = 0
    pause_seconds: Seconds = 0
    failure: Failure | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.reasoning or self.text or self.tool_call or self.failure):
            raise ValueError("a turn needs `text`, `reasoning`, a `tool_call` or a `failure`")
        return self


class Script(BaseModel):
    """The turns that answer one user message, in order."""

    model_config = _CONFIG

    turn: Annotated[tuple[Turn, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _all_turns_reachable(self) -> Self:
        for number, turn in enumerate(self.turn[:-1], start=1):
            if not turn.tool_call:
                raise ValueError(
                    f"turn[{number + 1}] is never reached: turn[{number}] has no `tool_call`, "
                    "so the client stops there"
                )
        return self


BUILT_IN = Script(
    turn=(
        Turn(
            text=f'Hello from the scripted upstream. You said: "{PROMPT_MARK}". '
            "Give this provider a script to make me do more."
        ),
    )
)
"""What is played when the configuration names no script."""


def read_script(path: Path) -> Script:
    """Read the script at `path`; raises `InputError` with file and key path."""
    return read_toml(path, Script)
