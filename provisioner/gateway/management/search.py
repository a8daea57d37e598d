"""The search text and page of a list in, conditions on interceptions out.

The text is `key:value key:"two words"`; a word without a key is a user.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, or_

from provisioner.gateway.actor import Actor
from provisioner.gateway.management.call import ApiError, bad_request
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.stored import indexable, microseconds

__all__ = ["Page", "page", "search", "split_search", "visible"]

_KEYS = (
    "initiator",
    "provider",
    "provider_name",
    "model",
    "client",
    "session_id",
    "started_after",
    "started_before",
)
_TERM = re.compile(r'((?:[^\s"]|"(?:[^"\\]|\\.)*")+)\s*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_MAX_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: `after` is the id of the last one seen."""

    limit: int
    offset: int
    after: str


def visible(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition of what `viewer` may see: all for an admin, else what is the user's."""
    if viewer.admin:
        return interception.c.id.is_not(None)
    return (interception.c.initiator_id == viewer.id) & (interception.c.initiator_id != "")


def search(text: str, viewer: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that the search `text` of `viewer` names; raises `ApiError`."""
    terms = split_search(text)
    wrong = {
        name: f'"{name}" is not a search key; there are {", ".join(_KEYS)}'
        for name in terms
        if name not in _KEYS
    }
    conditions = [
        _CONDITIONS[name](value, viewer) for name, value in terms.items() if name in _PLAIN
    ]
    times = {}
    for name in ("started_after", "started_before"):
        if name in terms:
            times[name] = _time(terms[name])
            if times[name] is None:
                wrong[name] = f'"{terms[name]}" is not a time as 2026-01-31T08:00:00Z'
    after, before = times.get("started_after"), times.get("started_before")
    if after and before and after > before:
        wrong["started_before"] = "started_before must not be earlier than started_after"
    if wrong:
        raise bad_request("Invalid search query.", **wrong)
    if after:
        conditions.append(interception.c.started_at >= microseconds(after))
    if before:
        conditions.append(interception.c.started_at <= microseconds(before))
    return tuple(conditions)


def split_search(text: str) -> dict[str, str]:
    """Return the keys of a search text with their values; raises `ApiError`."""
    terms: dict[str, str] = {}
    position = len(text) - len(text.lstrip())
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise bad_request("Invalid search query.", q="a quotation mark is not closed")
        position = term.end()
        name, colon, value = term[1].partition(":")
        if not colon or name.startswith('"'):
            name, value = "initiator", term[1]
        name = name.lower()
        if name in terms:
            raise bad_request("Invalid search query.", **{name: f'"{name}" is given twice'})
        terms[name] = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), value)
    return terms


def page(
    query: Mapping[str, str], after_name: str, *, default: int = 100, most: int = _MAX_LIMIT
) -> Page:
    """Return the page that `query` asks for; raises `ApiError`."""
    limit, offset = (
        _number(query, name, value) for name, value in (("limit", default), ("offset", 0))
    )
    if not 1 <= limit <= most:
        raise ApiError(
            400, "Invalid pagination limit value.", f"Pagination limit must be in range (0, {most}]"
        )
    after = query.get(after_name, "")
    if after and query.get("offset"):
        raise ApiError(
            400,
            "Query parameters have invalid values.",
            f"Cannot use both {after_name} and offset pagination in the same request.",
        )
    return Page(limit, offset, after)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,9}", text):
        problem = f'Query param "{name}" must be a number that is not negative'
        raise bad_request("Query parameters have invalid values.", **{name: problem})
    return int(text)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _user(value: str, viewer: Actor) -> ColumnElement[bool]:
    name = viewer.id or viewer.user if value == "me" else value
    return or_(interception.c.initiator == name, interception.c.initiator_id == name)


_CONDITIONS: Mapping[str, Callable[[str, Actor], ColumnElement[bool]]] = {
    "initiator": _user,
    "provider": lambda value, _: interception.c.provider_type == value,
    "provider_name": lambda value, _: interception.c.provider == value,
    "model": lambda value, _: interception.c.model == value,
    "client": lambda value, _: interception.c.client == value,
    "session_id": lambda value, _: interception.c.session_id == indexable(value),
}
_PLAIN = frozenset(_CONDITIONS)
