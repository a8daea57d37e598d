"""What a client did in a proof, whichever client it was."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClientRun"]


@dataclass(frozen=True, slots=True)
class ClientRun:
    """How a client ended and what it printed; `exit_code` is None when the deadline ended it."""

    exit_code: int | None
    answer: str
    log: str
    seconds: float
    file_written: str
    """Content of the proof file, empty when there is none."""
