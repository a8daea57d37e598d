"""Checks → lines for people, or JSON; the same as `provisioner doctor` writes."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioner.doctor.model import Check

__all__ = ["check_lines", "checks_data", "has_failed"]

_WIDTH = 26


def check_lines(checks: Sequence[Check]) -> list[str]:
    """Return a line for each check, one for what to do, and one that counts."""
    from provisioner.report.display import one_line

    lines = []
    for check in checks:
        lines.append(one_line(f"{check.status.value:8}  {check.id:{_WIDTH}}  {check.seen}"))
        if check.fix:
            lines.append(one_line(f"{'':{_WIDTH + 12}}to do: {check.fix}"))
    counted = ", ".join(f"{count} {status}" for status, count in _summary(checks).items() if count)
    return [*lines, "", counted]


def checks_data(checks: Sequence[Check]) -> dict[str, object]:
    """Return the same for a program."""
    rows = [
        {"id": check.id, "status": check.status.value, "seen": check.seen, "fix": check.fix}
        for check in checks
    ]
    return {"checks": rows, "summary": _summary(checks)}


def has_failed(checks: Sequence[Check]) -> bool:
    """Say whether any check failed."""
    return _summary(checks)["failed"] > 0


def _summary(checks: Sequence[Check]) -> Mapping[str, int]:
    counts = collections.Counter(check.status.value for check in checks)
    return {status: counts[status] for status in ("ok", "failed", "warning", "skipped")}
