"""What a page is asked for: the query of its address in, conditions and addresses out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement

from provisioner.gateway.actor import Actor
from provisioner.gateway.management.call import ApiError
from provisioner.gateway.management.search import visible
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.stored import microseconds, moment, storable

__all__ = ["FILTERS", "PERIODS", "Asked", "Period"]

FILTERS: Mapping[str, ColumnElement[str]] = {
    "user": interception.c.initiator,
    "provider_name": interception.c.provider,
    "model": interception.c.model,
    "client": interception.c.client,
    "outcome": interception.c.outcome,
    "error": interception.c.error,
}
"""Name in an address → what it must be equal to."""

_PAGE = re.compile("[1-9][0-9]{0,6}")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time up to now, cut into equal parts for charts."""

    name: str
    label: str
    width: timedelta
    parts: int

    def starts(self, now: datetime) -> tuple[datetime, ...]:
        """Return where the parts begin, oldest first; now is in the last one."""
        width = self.width // timedelta(microseconds=1)
        last = moment(microseconds(now) // width * width)
        return tuple(last - self.width * back for back in reversed(range(self.parts)))


PERIODS = (
    Period("24h", "last 24 hours", timedelta(hours=1), 24),
    Period("7d", "last 7 days", timedelta(hours=6), 28),
    Period("30d", "last 30 days", timedelta(days=1), 30),
    Period("90d", "last 90 days", timedelta(days=1), 90),
)
_USUAL = PERIODS[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which page, and when."""

    viewer: Actor
    path: str
    query: Mapping[str, str]
    now: datetime

    @property
    def period(self) -> Period:
        """The stretch of time that is shown; raises `ApiError` for one that is not known."""
        name = self.query.get("period") or _USUAL.name
        for period in PERIODS:
            if period.name == name:
                return period
        known = ", ".join(period.name for period in PERIODS)
        raise ApiError(400, "There is no such period.", f"there are {known}")

    @property
    def page(self) -> int:
        """The number of the page of a list, from 1; raises `ApiError` for what is no number."""
        text = self.query.get("page") or "1"
        if not _PAGE.fullmatch(text):
            raise ApiError(400, "There is no such page.", "pages are numbered from 1")
        return int(text)

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set; raises `ApiError` for an outcome that is not known."""
        chosen = {name: storable(self.query[name]) for name in FILTERS if self.query.get(name)}
        if chosen.get("outcome", Outcome.FAILED) not in {*Outcome}:
            raise ApiError(400, "There is no such outcome.", f"there are {', '.join(Outcome)}")
        return chosen

    def seen_in_period(self) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of what the viewer may see of the period."""
        start = microseconds(self.period.starts(self.now)[0])
        return visible(self.viewer), interception.c.started_at >= start

    def wanted(self) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of what is asked for."""
        equal = (FILTERS[name] == value for name, value in self.chosen.items())
        return (*self.seen_in_period(), *equal)

    def link(self, path: str | None = None, **changes: object) -> str:
        """Return the address of `path` with the same filters but for `changes`; "" unsets one."""
        kept = {"period": self.query.get("period", ""), **self.chosen}
        query = {name: str(value) for name, value in (kept | changes).items() if value}
        text = urlencode(query, errors="replace")
        return f"{path or self.path}?{text}" if text else path or self.path
