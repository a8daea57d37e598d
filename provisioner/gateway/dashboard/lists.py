"""The pages that list: the overview, sessions, and errors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from provisioner.gateway.dashboard.asked import PERIODS, Asked
from provisioner.gateway.dashboard.cost import list_price
from provisioner.gateway.dashboard.figures import (
    cost_chart,
    error_chart,
    model_figures,
    token_chart,
)
from provisioner.gateway.dashboard.page import Page
from provisioner.gateway.management.search import Page as Part
from provisioner.gateway.management.search import visible
from provisioner.gateway.management.sessions import Key, sessions_where
from provisioner.gateway.record.figures import (
    NAMES,
    error_counts,
    last_change,
    names_in_use,
    outcome_counts,
    session_tokens,
    tokens_over_time,
)
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.store import interceptions_where
from provisioner.gateway.record.stored import microseconds

__all__ = ["common", "live_version", "pager", "show_errors", "show_overview", "show_sessions"]

_ROWS = 25
_FEW = 5
_MANY = 50
_MOST_NAMES = 200
_LATELY = timedelta(days=1)


def show_overview(connection: Connection, asked: Asked) -> Page:
    """Return the overview: figures, charts, models, errors and the newest sessions."""
    wanted, starts = asked.wanted(), asked.period.starts(asked.now)
    tokens = tokens_over_time(connection, asked.period.width, *wanted)
    counts = outcome_counts(connection, asked.period.width, *wanted)
    sessions, newest = _sessions(connection, Part(_FEW, 0, ""), asked)
    models = model_figures(tokens, counts)
    values = {
        **common(connection, asked),
        **_filters(connection, asked),
        "sessions_count": sessions,
        "interceptions": sum(entry.interceptions for entry in models),
        "failed": sum(entry.failed for entry in models),
        "running": sum(entry.count for entry in counts if entry.outcome is Outcome.RUNNING),
        "tokens": sum(entry.tokens for entry in models),
        "cost": sum(entry.cost or 0 for entry in models),
        "unpriced": sum(1 for entry in models if entry.cost is None),
        "charts": [token_chart(starts, tokens), cost_chart(starts, tokens)],
        "models": models[:_ROWS],
        "more_models": max(len(models) - _ROWS, 0),
        "errors": error_counts(connection, *wanted, most=_FEW),
        "sessions": newest,
    }
    return Page("overview.html", values)


def show_sessions(connection: Connection, asked: Asked) -> Page:
    """Return a page of the sessions that fit the filters, newest first."""
    part = Part(_ROWS, _ROWS * (asked.page - 1), "")
    count, found = _sessions(connection, part, asked)
    values = {
        **common(connection, asked),
        **_filters(connection, asked),
        **pager(asked, count, _ROWS),
        "sessions": found,
    }
    return Page("sessions.html", values)


def show_errors(connection: Connection, asked: Asked) -> Page:
    """Return what did not end well: over time, by kind, and one by one."""
    wanted, period = asked.wanted(), asked.period
    counts = outcome_counts(connection, period.width, *wanted)
    fine = (Outcome.COMPLETED, Outcome.RUNNING)
    count = sum(entry.count for entry in counts if entry.outcome not in fine)
    bad = interception.c.outcome.not_in([outcome.value for outcome in fine])
    offset = _ROWS * (asked.page - 1)
    values = {
        **common(connection, asked),
        **_filters(connection, asked),
        **pager(asked, count, _ROWS),
        "charts": [error_chart(period.starts(asked.now), counts)],
        "errors": error_counts(connection, *wanted, most=_MANY),
        "records": interceptions_where(connection, *wanted, bad, limit=_ROWS, offset=offset),
    }
    return Page("errors.html", values)


def common(connection: Connection, asked: Asked) -> dict[str, object]:
    """Return what every page for `asked` needs."""
    return {"asked": asked, "version": live_version(connection, asked)}


def live_version(connection: Connection, asked: Asked) -> str:
    """Return a text that changes with what the viewer may see of the last day."""
    lately = interception.c.started_at >= microseconds(asked.now - _LATELY)
    numbers = last_change(connection, visible(asked.viewer), lately)
    return "-".join(map(str, numbers))


def pager(asked: Asked, count: int, rows: int) -> dict[str, object]:
    """Return the place of the page in a list of `count` entries."""
    return {
        "count": count,
        "page": asked.page,
        "pages": max(math.ceil(count / rows), 1),
    }


def _filters(connection: Connection, asked: Asked) -> dict[str, object]:
    """Return what can be chosen: the names that occur, and the one that is chosen."""
    seen, chosen = asked.seen_in_period(), asked.chosen
    kinds = [kind for kind in NAMES if kind != "user" or asked.viewer.admin]
    names: dict[str, Sequence[str]] = {
        kind: names_in_use(connection, kind, *seen, most=_MOST_NAMES) for kind in kinds
    }
    names["outcome"] = [outcome.value for outcome in Outcome]
    for kind, value in chosen.items():
        if kind in names and value not in names[kind]:
            names[kind] = [value, *names[kind]]
    return {"periods": PERIODS, "choices": names, "chosen": chosen}


def _sessions(
    connection: Connection, part: Part, asked: Asked
) -> tuple[int, Sequence[Mapping[str, object]]]:
    """Return how many sessions fit, and some of them with what they cost."""
    count, documents = sessions_where(connection, part, *asked.wanted())
    keys: list[Key] = []
    for document in documents:
        user = document["initiator"]
        assert isinstance(user, dict)  # noqa: S101 - as every session document has it
        keys.append((str(document["id"]), str(user["id"])))
    costs: defaultdict[Key, list[float | None]] = defaultdict(list)
    for entry in session_tokens(connection, keys) if keys else ():
        key = entry.session_id, entry.initiator_id
        costs[key].append(list_price(entry.model, entry))
    return count, [
        {**document, "cost": _added(costs[key])}
        for key, document in zip(keys, documents, strict=True)
    ]


def _added(costs: Sequence[float | None]) -> float | None:
    return None if None in costs else sum(cost for cost in costs if cost is not None)
