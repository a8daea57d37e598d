"""The marks by which clients steer the prompt cache of a provider: kept, removed or added.

Only Anthropic's API has marks; services with OpenAI's cache by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Judged
from provisioner.gateway.policy.key_policy import CacheSettings

__all__ = ["CacheCheck", "cache_settings", "forced", "without_marks"]

_MARK = "cache_control"
_API_WITH_MARKS = "messages"
_AN_HOUR = 3_600
_MODES = ("respect", "force", "disable")
_TTL = re.compile(r"ttl=([1-9][0-9]{0,4})")


class CacheCheck:
    """Applies the mode that the request's header asks for, else the one of the key."""

    def __init__(self, header: str, *, takes_ttl: bool = True) -> None:
        """Take a request's own wish from `header`; `takes_ttl` says whether it may be a time."""
        self._header = header
        self._takes_ttl = takes_ttl

    async def judge(self, judged: Judged) -> None:
        """Set the mode, and the body where marks change; raises `DeniedError`."""
        asked = judged.asked
        policy = asked.actor.policy
        default = policy.cache if policy is not None else CacheSettings()
        wish = asked.headers.get(self._header, "")
        settings = cache_settings(wish, default)
        if not self._takes_ttl and _TTL.fullmatch(wish.strip().lower()):
            message = "the cache override ttl=<seconds> is not implemented"
            raise DeniedError(Denial(Reason.CACHE_OVERRIDE_NOT_IMPLEMENTED, message))
        judged.cache_mode = settings.mode
        if settings.mode == "respect":
            return
        if settings.mode == "disable":
            changed = without_marks(asked.document)
        elif asked.api == _API_WITH_MARKS:
            changed = forced(asked.document, settings)
        else:
            return
        if changed != asked.document:
            judged.document = changed


def cache_settings(wish: str, default: CacheSettings) -> CacheSettings:
    """Return what `wish`, the value of a header, makes of `default`; raises `DeniedError`."""
    wish = wish.strip().lower()
    if not wish:
        return default
    if wish in _MODES:
        return default.model_copy(update={"mode": wish})
    ttl = _TTL.fullmatch(wish)
    if ttl is None:
        message = "the cache override must be respect, force, disable or ttl=<seconds>"
        raise DeniedError(Denial(Reason.CACHE_OVERRIDE_INVALID, message))
    return CacheSettings(mode="force", ttl_s=min(int(ttl[1]), 86_400))


def without_marks(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` without any mark, at whatever depth."""
    if isinstance(value, Mapping):
        return {name: without_marks(entry) for name, entry in value.items() if name != _MARK}
    if isinstance(value, list):
        return [without_marks(entry) for entry in value]
    return value


def forced(document: Mapping[str, Any], settings: CacheSettings) -> Mapping[str, Any]:
    """Return a request to Anthropic's API with a mark behind what stays the same.

    One with marks of the client's own stays as it is.
    """
    if _has_marks(document):
        return document
    mark = {"type": "ephemeral", **({"ttl": "1h"} if settings.ttl_s >= _AN_HOUR else {})}
    changed = dict(document)
    if "system" in document:
        changed["system"] = _marked(document["system"], mark)
    messages = document.get("messages")
    if isinstance(messages, list) and messages and isinstance(messages[-1], Mapping):
        last = {**messages[-1], "content": _marked(messages[-1].get("content"), mark)}
        changed["messages"] = [*messages[:-1], last]
    return changed


def _has_marks(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return _MARK in value or any(_has_marks(entry) for entry in value.values())
    return isinstance(value, list) and any(_has_marks(entry) for entry in value)


def _marked(blocks: Any, mark: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(blocks, str) and blocks:
        return [{"type": "text", "text": blocks, _MARK: mark}]
    if isinstance(blocks, list) and blocks and isinstance(blocks[-1], Mapping):
        return [*blocks[:-1], {**blocks[-1], _MARK: mark}]
    return blocks
