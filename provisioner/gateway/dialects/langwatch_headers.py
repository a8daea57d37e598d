"""The headers that LangWatch's gateway puts on answers, and those it finds keys in."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from provisioner.gateway.dialects.headers import bearer
from provisioner.gateway.langwatch_config import CACHE_HEADER, LangWatchConfig
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.judged import BudgetWarning
from provisioner.gateway.ulid import new_ulid

__all__ = ["answer_headers", "key_of"]

_KEY_HEADERS = ("X-Api-Key", "X-Goog-Api-Key", "Xi-Api-Key", "api-key")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})\Z")
# A respected mark may be a hit or a miss: only the provider knows, at the end of its answer.
_CACHE_TOLD = {"disable": "bypass", "force": "force"}


def _version() -> str:
    try:
        return version("codex-provisioner")
    except PackageNotFoundError:
        return "0"


_VERSION = _version()


def key_of(headers: Mapping[str, str]) -> str:
    """Return the key of a request from the first header that has one, empty for none."""
    others = (headers.get(name, "").strip() for name in _KEY_HEADERS)
    return bearer(headers) or next((value for value in others if value), "")


def answer_headers(notes: Notes, settings: LangWatchConfig) -> Mapping[str, str]:
    """Return what is told of the request in `notes`; its pages have more than its code."""
    pages = settings.follow == "pages"
    request_id = f"grq_{new_ulid()}" if pages else f"req_{_hex(30)}"
    told = {
        "X-LangWatch-Gateway-Request-Id": request_id,
        "X-LangWatch-Gateway-Version": _VERSION,
        **_trace(notes.headers, pages=pages),
    }
    if pages:
        told["X-LangWatch-Request-Id"] = request_id
    if notes.answered is not None:
        told["X-LangWatch-Provider"] = notes.answered.provider.name
        if pages:
            told["X-LangWatch-Model"] = _sendable(notes.answered.model)
    if notes.failed:
        told["X-LangWatch-Fallback-Count"] = str(notes.failed)
    judged = notes.judged
    if judged is not None:
        told["X-LangWatch-Cache-Mode"] = judged.cache_mode
        if pages and judged.cache_mode in _CACHE_TOLD:
            told[CACHE_HEADER] = _CACHE_TOLD[judged.cache_mode]
        if judged.warnings:
            told["X-LangWatch-Budget-Warning"] = ",".join(_warnings(judged.warnings))
    return told


def _sendable(model: str) -> str:
    """Return what a header can hold of the name of a model, which clients choose."""
    return "".join(c for c in model[:200] if c.isascii() and c.isprintable())


def _warnings(warnings: list[BudgetWarning]) -> Iterator[str]:
    yield from (f"{warning.scope}:{warning.percent}" for warning in warnings)


def _trace(headers: Mapping[str, str], *, pages: bool) -> Mapping[str, str]:
    """Return the ids of the trace that the client is in, else of a new one."""
    found = _TRACEPARENT.match(headers.get("traceparent", "").strip())
    trace = found[1] if found else _hex(32)
    span, flags = _hex(16), found[2] if found else "00"
    told = {"Traceparent": f"00-{trace}-{span}-{flags}"}
    return told | ({"X-LangWatch-Trace-Id": trace, "X-LangWatch-Span-Id": span} if pages else {})


def _hex(digits: int) -> str:
    """Return as many digits; ids are no secrets, and the system's randomness takes its time."""
    return f"{random.getrandbits(4 * digits):0{digits}x}"
