"""What a check says: what was looked at, what was seen, and what to do about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["Check", "Status", "failed", "ok", "skipped", "warning"]


class Status(enum.Enum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    """The first prompt will not work, or not as the flow says."""
    WARNING = "warning"
    """It will work, with something to know."""
    SKIPPED = "skipped"
    """It could not be looked at, or does not apply; `seen` says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `fix` is empty when there is nothing to do."""

    id: str
    status: Status
    seen: str
    fix: str = ""


def ok(check: str, seen: str) -> Check:
    """Return a check that found what it must."""
    return Check(check, Status.OK, seen)


def failed(check: str, seen: str, fix: str) -> Check:
    """Return a check that found what breaks the flow."""
    return Check(check, Status.FAILED, seen, fix)


def warning(check: str, seen: str, fix: str) -> Check:
    """Return a check that found something to know."""
    return Check(check, Status.WARNING, seen, fix)


def skipped(check: str, why: str) -> Check:
    """Return a check that was not made."""
    return Check(check, Status.SKIPPED, why)
