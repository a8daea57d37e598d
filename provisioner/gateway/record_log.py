"""Records in, one line of JSON each out, as Coder's structured logging has it.

Switched on by who runs the gateway: the lines hold what users asked and what tools were given.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from msgspec.structs import asdict

from provisioner.gateway.record.document import record_document, timestamp
from provisioner.gateway.record.model import InterceptionStart, Record

__all__ = ["RECORD_LOGGER", "log_record"]

RECORD_LOGGER = "provisioner.gateway.records"
"""Logs the lines, at level INFO and without anything around them."""

_MESSAGE = "interception log"
_TYPES = {
    "token_usage": "token_usage",
    "prompts": "prompt_usage",
    "tools": "tool_usage",
    "thoughts": "model_thought",
}

_log = logging.getLogger(RECORD_LOGGER)


def log_record(record: Record) -> None:
    """Log `record` and, for an end, each of its parts before it."""
    for line in _lines(record):
        _log.info(json.dumps(line))


def _lines(record: Record) -> Iterator[dict[str, Any]]:
    if isinstance(record, InterceptionStart):
        fields = record_document(record)
        yield _line("interception_start", fields.pop("id"), fields.pop("started_at"), fields)
        return
    for name, kind in _TYPES.items():
        for part in getattr(record, name):
            fields = asdict(part)
            yield _line(kind, record.id, timestamp(fields.pop("created_at")), fields)
    ended = {"outcome": record.outcome.value, "status": record.status, "error": record.error}
    yield _line("interception_end", record.id, timestamp(record.ended_at), ended)


def _line(kind: str, of_id: str, time: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    head = {"ts": time, "level": "info", "msg": _MESSAGE, "record_type": kind}
    return {**head, "interception_id": of_id, **fields}
