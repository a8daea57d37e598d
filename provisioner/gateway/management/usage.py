"""Interceptions and tokens added up: by user, model, provider, client or day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, literal_column, select

from provisioner.gateway.management.call import ApiAnswer, ApiCall, bad_request
from provisioner.gateway.management.search import search, visible
from provisioner.gateway.management.sessions import TOKENS
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import interception, token_usage
from provisioner.gateway.record.stored import moment

__all__ = ["GROUPINGS", "show_usage"]

_DAY = timedelta(days=1) // timedelta(microseconds=1)
_GROUPINGS: dict[str, ColumnElement[Any]] = {
    "client": interception.c.client,
    "day": interception.c.started_at.op("/")(literal_column(str(_DAY))),
    "model": interception.c.model,
    "provider": interception.c.provider_type,
    "provider_name": interception.c.provider,
    "user": interception.c.initiator,
}
GROUPINGS = tuple(_GROUPINGS)
"""What usage can be added up by."""


def show_usage(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with what fits the search `q`, added up by `by`; the most expensive come first."""
    by = call.query.get("by", "user")
    if by not in _GROUPINGS:
        problem = f'"{by}" is not one of {", ".join(GROUPINGS)}'
        raise bad_request("Query parameters have invalid values.", by=problem)
    conditions = (visible(call.viewer), *search(call.query.get("q", ""), call.viewer))
    # Tokens are added up for each interception first: it may have several entries.
    tokens = (
        select(
            token_usage.c.interception_id,
            *(func.sum(column).label(name) for name, column in TOKENS.items()),
        )
        .group_by(token_usage.c.interception_id)
        .subquery()
    )
    failed = case((interception.c.outcome == Outcome.FAILED.value, 1), else_=0)
    group = _GROUPINGS[by].label("grouped")
    query = (
        select(
            group,
            func.count().label("interceptions"),
            func.sum(failed).label("failed"),
            *(func.coalesce(func.sum(tokens.c[name]), 0).label(name) for name in TOKENS),
        )
        .outerjoin(tokens, tokens.c.interception_id == interception.c.id)
        .where(*conditions)
        .group_by(group)
        .order_by(group)
    )
    numbers = ("interceptions", "failed", *TOKENS)
    entries: list[dict[str, Any]] = [
        {by: _name(by, row.grouped), **{name: int(getattr(row, name)) for name in numbers}}
        for row in connection.execute(query)
    ]
    if by != "day":
        entries.sort(key=lambda entry: -sum(entry[name] for name in TOKENS))
    total = {name: sum(entry[name] for entry in entries) for name in numbers}
    return ApiAnswer({"by": by, "usage": entries, "total": total})


def _name(by: str, value: Any) -> str:  # noqa: ANN401 - a column of either type
    return moment(int(value) * _DAY).date().isoformat() if by == "day" else str(value)
