"""What is remembered between apply and undo, and its JSON."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.codex_home.model import KeyPath, Written

__all__ = ["FileRecord", "Journal", "JournalStep", "State"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file that apply wrote; its original bytes are kept beside."""

    target: str | None
    """Where the link led, None when the file was no link."""
    mode: int | None
    """The original mode, None when the file did not exist."""
    text: str
    """The whole text as apply left it."""
    keys: Mapping[KeyPath, Written]


@dataclass(frozen=True, slots=True)
class State:
    """All files that differ from before the first apply, by name."""

    files: Mapping[str, FileRecord]

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "version": _VERSION,
            "files": {
                name: {
                    "target": record.target,
                    "mode": record.mode,
                    "text": record.text,
                    "keys": [[path, key.raw, key.before] for path, key in record.keys.items()],
                }
                for name, record in self.files.items()
            },
        }

    @classmethod
    def from_json(cls, data: Any) -> State:  # noqa: ANN401 - whatever the file holds
        """Read plain data; raises `LookupError`, `TypeError` or `ValueError` when it is damaged."""
        if data["version"] != _VERSION:
            raise ValueError("it was written by another version of this command")
        return cls(
            {
                _file_name(name): FileRecord(
                    record["target"],
                    record["mode"],
                    str(record["text"]),
                    {tuple(path): Written(raw, before) for path, raw, before in record["keys"]},
                )
                for name, record in data["files"].items()
            }
        )


@dataclass(frozen=True, slots=True)
class JournalStep:
    """One file to replace, or with `text` None to remove."""

    target: str | None
    before: str | None
    """SHA-256 of what is there, None when nothing is."""
    text: str | None
    mode: int


@dataclass(frozen=True, slots=True)
class Journal:
    """Everything that is about to be done; `state` None means that all is undone."""

    steps: Mapping[str, JournalStep]
    state: State | None

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "version": _VERSION,
            "state": None if self.state is None else self.state.as_json(),
            "steps": {
                name: [step.target, step.before, step.text, step.mode]
                for name, step in self.steps.items()
            },
        }

    @classmethod
    def from_json(cls, data: Any) -> Journal:  # noqa: ANN401 - whatever the file holds
        """Read plain data; raises `LookupError`, `TypeError` or `ValueError` when it is damaged."""
        if data["version"] != _VERSION:
            raise ValueError("it was written by another version of this command")
        state = None if data["state"] is None else State.from_json(data["state"])
        steps = {_file_name(name): _journal_step(*step) for name, step in data["steps"].items()}
        return cls(steps, state)


def _journal_step(target: Any, before: Any, text: Any, mode: Any) -> JournalStep:  # noqa: ANN401
    if not all(isinstance(value, str | None) for value in (target, before, text)):
        raise TypeError("a step has something else than text")
    return JournalStep(target, before, text, operator.index(mode))


def _file_name(name: str) -> str:
    if "/" in name or name in {"", ".", ".."}:
        raise ValueError(f'"{name}" is outside the home')
    return name
