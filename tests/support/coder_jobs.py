"""Jobs of a Coder that a test made up: each look at one takes it a step further."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DiagnosticLog", "Job", "Plan", "diagnostic_lines", "new_id", "next_time"]

_CLOCK = itertools.count()


def new_id() -> str:
    return str(uuid.uuid4())


def next_time() -> str:
    """Return a time that is later than all before."""
    tick = next(_CLOCK)
    return f"2026-11-01T{tick // 3600:02}:{tick // 60 % 60:02}:{tick % 60:02}Z"


@dataclass(frozen=True)
class Plan:
    """How the next job goes: lines (level, stage, text) that come one look after another."""

    lines: Sequence[tuple[str, str, str]] = (
        ("info", "Queued", ""),
        ("debug", "Running", "Initializing the backend..."),
        ("info", "Running", "Plan: 3 to add, 0 to change, 0 to destroy."),
    )
    error: str = ""
    error_code: str = ""
    never_ends: bool = False
    lines_at_once: int = 5


DiagnosticLog = Sequence[tuple[str, str, str]]


@dataclass
class Job:
    """A job and its log."""

    file_id: str
    plan: Plan = Plan()
    id: str = field(default_factory=new_id)
    status: str = "pending"
    shown: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    _numbers: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Go a step further, as time would."""
        if self.status == "pending":
            self.status = "running"
        elif self.status == "canceling":
            self.status = "canceled"
        elif self.status == "running" and self.shown < len(self.plan.lines):
            self.shown += self.plan.lines_at_once
        elif self.status == "running" and not self.plan.never_ends:
            self.status = "failed" if self.plan.error else "succeeded"

    def cancel(self) -> None:
        if self.status in {"pending", "running"}:
            self.status = "canceling"

    @property
    def is_active(self) -> bool:
        return self.status in {"pending", "running", "canceling"}

    def as_json(self) -> dict[str, Any]:
        told = {
            "id": self.id,
            "created_at": "2026-11-01T00:00:00Z",
            "status": self.status,
            "file_id": self.file_id,
            "tags": {"owner": "", "scope": "organization", **self.tags},
            "queue_position": 1 if self.status == "pending" else 0,
            "queue_size": 2,
        }
        if self.status == "failed":
            told |= {"error": self.plan.error}
            told |= {"error_code": self.plan.error_code} if self.plan.error_code else {}
        return told

    def logs(self, after: int) -> list[dict[str, Any]]:
        """Ids grow, with holes between them, as those of a database do."""
        return [
            {
                "id": 1000 + 7 * number,
                "created_at": "2026-11-01T00:00:00Z",
                "log_source": "provisioner",
                "log_level": level,
                "stage": stage,
                "output": text,
            }
            for number, (level, stage, text) in enumerate(self.plan.lines[: self.shown])
            if 1000 + 7 * number > after
        ]


def diagnostic_lines(said: str) -> list[tuple[str, str, str]]:
    """Return what `terraform ... -json` said as the lines that Coder logs of it."""
    found = []
    for diagnostic in json.loads(said)["diagnostics"]:
        level = "error" if diagnostic["severity"] == "error" else "warn"
        texts = [f"{diagnostic['severity'].capitalize()}: {diagnostic['summary']}"]
        place: Mapping[str, Any] | None = diagnostic.get("range")
        if place:
            snippet = diagnostic["snippet"]
            inside = f", in {snippet['context']}" if snippet.get("context") else ""
            texts.append(f"on {place['filename']} line {place['start']['line']}{inside}:")
            for number, line in enumerate(snippet["code"].split("\n"), snippet["start_line"]):
                texts.append(f"  {number}: {line}")
            if snippet.get("values"):
                texts.append("    ├────────────────")
                texts += [f"    │ {v['traversal']} {v['statement']}" for v in snippet["values"]]
            texts.append("")
        texts += diagnostic.get("detail", "").split("\n")
        found += [(level, "Planning", text) for text in texts]
    return found
