"""Interceptions counted and tokens added up: over time, by model, by session, by kind of error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, tuple_

from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import interception, token_usage
from provisioner.gateway.record.stored import moment

__all__ = [
    "NAMES",
    "ErrorCount",
    "ModelTokens",
    "OutcomeCount",
    "SessionTokens",
    "error_counts",
    "last_change",
    "names_in_use",
    "outcome_counts",
    "session_tokens",
    "tokens_over_time",
]

NAMES = {
    "client": interception.c.client,
    "model": interception.c.model,
    "provider_name": interception.c.provider,
    "user": interception.c.initiator,
}
"""What interceptions have a name for."""

_MICROSECOND = timedelta(microseconds=1)
_SUMS = tuple(
    func.sum(token_usage.c[name]).label(name)
    for name in ("input", "output", "cache_read", "cache_write")
)


@dataclass(frozen=True, slots=True)
class ModelTokens:
    """Tokens of one model in the stretch of time that begins at `start`."""

    start: datetime
    model: str
    input: int
    output: int
    cache_read: int
    cache_write: int


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """Tokens of one model in a session; a session is named by its id and its user's."""

    session_id: str
    initiator_id: str
    model: str
    input: int
    output: int
    cache_read: int
    cache_write: int


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many interceptions of a model ended so in the stretch of time from `start` on."""

    start: datetime
    model: str
    outcome: Outcome
    count: int


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """How often interceptions ended so and when one did last; `status` is what clients got."""

    outcome: Outcome
    status: int | None
    error: str
    count: int
    last_at: datetime


def tokens_over_time(
    connection: Connection, width: timedelta, *conditions: ColumnElement[bool]
) -> tuple[ModelTokens, ...]:
    """Return the tokens of what fits `conditions`, by stretches `width` long since 1970."""
    stretch = _stretch(width)
    query = (
        select(stretch, interception.c.model, *_SUMS)
        .join(token_usage, token_usage.c.interception_id == interception.c.id)
        .where(*conditions)
        .group_by(stretch, interception.c.model)
        .order_by(stretch, interception.c.model)
    )
    return tuple(
        # PostgreSQL adds whole numbers up to decimal ones.
        ModelTokens(_start(number, width), model, *map(int, sums))
        for number, model, *sums in connection.execute(query)
    )


def outcome_counts(
    connection: Connection, width: timedelta, *conditions: ColumnElement[bool]
) -> tuple[OutcomeCount, ...]:
    """Return how what fits `conditions` ended, by stretches `width` long since 1970."""
    stretch = _stretch(width)
    groups = (stretch, interception.c.model, interception.c.outcome)
    query = select(*groups, func.count()).where(*conditions).group_by(*groups).order_by(*groups)
    return tuple(
        OutcomeCount(_start(number, width), model, Outcome(outcome), count)
        for number, model, outcome, count in connection.execute(query)
    )


def session_tokens(
    connection: Connection, keys: Sequence[tuple[str, str]]
) -> tuple[SessionTokens, ...]:
    """Return the tokens of the sessions `keys`: pairs of a session's id and its user's."""
    groups = (interception.c.session_id, interception.c.initiator_id, interception.c.model)
    query = (
        select(*groups, *_SUMS)
        .join(token_usage, token_usage.c.interception_id == interception.c.id)
        .where(tuple_(*groups[:2]).in_(keys))
        .group_by(*groups)
        .order_by(*groups)
    )
    return tuple(
        SessionTokens(session_id, user_id, model, *map(int, sums))
        for session_id, user_id, model, *sums in connection.execute(query)
    )


def error_counts(
    connection: Connection, *conditions: ColumnElement[bool], most: int
) -> tuple[ErrorCount, ...]:
    """Return how what fits `conditions` failed, the most frequent first, at most `most` ways."""
    table = interception
    groups = (table.c.outcome, table.c.status, table.c.error)
    count, last = func.count().label("count"), func.max(table.c.started_at).label("last")
    fine = (Outcome.COMPLETED.value, Outcome.RUNNING.value)
    query = (
        select(*groups, count, last)
        .where(table.c.outcome.not_in(fine), *conditions)
        .group_by(*groups)
        .order_by(count.desc(), last.desc())
        .limit(most)
    )
    return tuple(
        ErrorCount(Outcome(outcome), status, error, number, moment(at))
        for outcome, status, error, number, at in connection.execute(query)
    )


def names_in_use(
    connection: Connection, kind: str, *conditions: ColumnElement[bool], most: int
) -> tuple[str, ...]:
    """Return the names of one of the kinds in `NAMES` that occur, sorted, at most `most`."""
    column = NAMES[kind]
    query = select(column).where(column != "", *conditions).distinct().order_by(column)
    return tuple(connection.execute(query.limit(most)).scalars())


def last_change(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[int, ...]:
    """Return numbers that change whenever something that fits `conditions` starts or ends."""
    started, ended = interception.c.started_at, interception.c.ended_at
    # The counts as well: of two gateways, one may end something with an earlier clock.
    query = select(func.count(), func.count(ended), func.max(started), func.max(ended))
    return tuple(number or 0 for number in connection.execute(query.where(*conditions)).one())


def _stretch(width: timedelta) -> ColumnElement[Any]:
    # A literal: PostgreSQL does not see that two parameters of one value group alike.
    length: ColumnElement[int] = literal_column(str(width // _MICROSECOND))
    return interception.c.started_at.op("/")(length).label("stretch")


def _start(number: int, width: timedelta) -> datetime:
    return moment(number * (width // _MICROSECOND))
