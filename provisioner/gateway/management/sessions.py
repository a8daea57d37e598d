"""The list of sessions, and what each of them comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select, tuple_

from provisioner.gateway.management.call import ApiAnswer, ApiCall, Document, bad_request, timestamp
from provisioner.gateway.management.search import Page, page, search, visible
from provisioner.gateway.record.schema import interception, prompt_usage, token_usage
from provisioner.gateway.record.stored import indexable, moment

__all__ = [
    "TOKENS",
    "Key",
    "list_sessions",
    "session_documents",
    "sessions_where",
    "user_document",
]

Key = tuple[str, str]
"""What names a session: its id and its user's. Two users may come with one id."""

_SESSION = (interception.c.session_id, interception.c.initiator_id)
TOKENS = {
    "input_tokens": token_usage.c.input,
    "output_tokens": token_usage.c.output,
    "cache_read_input_tokens": token_usage.c.cache_read,
    "cache_write_input_tokens": token_usage.c.cache_write,
}


def list_sessions(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the sessions that have an ended interception that fits, newest first."""
    wanted = page(call.query, "after_session_id")
    conditions = (
        visible(call.viewer),
        *search(call.query.get("q", ""), call.viewer),
        interception.c.ended_at.is_not(None),
    )
    count, documents = sessions_where(connection, wanted, *conditions)
    return ApiAnswer({"count": count, "sessions": list(documents)})


def sessions_where(
    connection: Connection, wanted: Page, *conditions: ColumnElement[bool]
) -> tuple[int, Sequence[dict[str, object]]]:
    """Return how many sessions have an interception that fits, and a page of them, newest first."""
    first = func.min(interception.c.started_at).label("first")
    found = select(*_SESSION, first).where(*conditions).group_by(*_SESSION).subquery()
    count = connection.execute(select(func.count()).select_from(found)).scalar_one()
    query = select(found.c.session_id, found.c.initiator_id).order_by(
        found.c.first.desc(), found.c.session_id.desc(), found.c.initiator_id.desc()
    )
    if wanted.after:
        query = query.where(_after(wanted.after, found, connection))
    rows = connection.execute(query.limit(wanted.limit).offset(wanted.offset)).all()
    keys = [(row.session_id, row.initiator_id) for row in rows]
    documents = session_documents(connection, keys)
    return count, [documents[key] for key in keys]


def session_documents(
    connection: Connection, keys: Sequence[Key]
) -> Mapping[Key, dict[str, object]]:
    """Return what is said of each of the sessions `keys`."""
    ids = sorted({session_id for session_id, _ in keys})
    mine = interception.c.session_id.in_(ids)
    sums, prompts = _sums(connection, mine), _last_prompts(connection, mine)
    kinds, clients = _kinds(connection, mine), _first_clients(connection, mine)
    documents = {}
    for row in connection.execute(_totals(mine)):
        key = row.session_id, row.initiator_id
        ended = row.ended == row.interceptions
        documents[key] = {
            "id": row.session_id,
            "client": clients[key],
            "initiator": user_document(row.initiator_id, row.initiator),
            **kinds[key],
            "started_at": timestamp(moment(row.first)),
            "ended_at": timestamp(moment(row.last_end)) if ended else None,
            "last_active_at": timestamp(moment(max(row.last_start, row.last_end or 0))),
            "last_prompt": prompts.get(key),
            "threads": row.threads,
            "metadata": {},
            "network_calls": {"total": 0, "blocked": 0},
            "token_usage_summary": sums.get(key, dict.fromkeys(TOKENS, 0)),
        }
    return documents


def user_document(user_id: str, username: str) -> Document:
    """Return what is said of who made a request."""
    return {"id": user_id, "username": username, "name": username, "avatar_url": ""}


def _after(session_id: str, found: Subquery, connection: Connection) -> ColumnElement[bool]:
    place = (found.c.first, found.c.session_id, found.c.initiator_id)
    query = select(*place).where(found.c.session_id == indexable(session_id))
    last = connection.execute(query.order_by(found.c.first).limit(1)).first()
    if last is None:
        problem = "there is no such session in this list"
        raise bad_request("Query parameters have invalid values.", after_session_id=problem)
    return tuple_(*place) < tuple_(*last)


def _totals(mine: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    table = interception
    return (
        select(
            *_SESSION,
            func.max(table.c.initiator).label("initiator"),
            func.min(table.c.started_at).label("first"),
            func.max(table.c.started_at).label("last_start"),
            func.max(table.c.ended_at).label("last_end"),
            func.count().label("interceptions"),
            func.count(table.c.ended_at).label("ended"),
            func.count(func.coalesce(table.c.thread_root_id, table.c.id).distinct()).label(
                "threads"
            ),
        )
        .where(mine)
        .group_by(*_SESSION)
    )


def _first_clients(connection: Connection, mine: ColumnElement[bool]) -> Mapping[Key, str]:
    """Return the client that began each session; another one may have gone on with it."""
    table = interception
    oldest = (table.c.started_at, table.c.id)
    place = func.row_number().over(partition_by=_SESSION, order_by=oldest).label("place")
    numbered = select(*_SESSION, table.c.client, place).where(mine).subquery()
    rows = connection.execute(select(numbered).where(numbered.c.place == 1))
    return {(row.session_id, row.initiator_id): row.client for row in rows}


def _kinds(connection: Connection, mine: ColumnElement[bool]) -> Mapping[Key, dict[str, list[str]]]:
    """Return the types and names of the providers, and the models, of each session."""
    columns = {
        "providers": interception.c.provider_type,
        "provider_names": interception.c.provider,
        "models": interception.c.model,
    }
    query = select(*_SESSION, *(column.label(name) for name, column in columns.items()))
    found: defaultdict[Key, dict[str, set[str]]] = defaultdict(
        lambda: {name: set() for name in columns}
    )
    for row in connection.execute(query.where(mine).distinct()):
        for name, values in found[row.session_id, row.initiator_id].items():
            values.add(getattr(row, name))
    return {
        key: {name: sorted(values) for name, values in names.items()}
        for key, names in found.items()
    }


def _sums(connection: Connection, mine: ColumnElement[bool]) -> Mapping[Key, dict[str, int]]:
    sums = (func.sum(column).label(name) for name, column in TOKENS.items())
    query = (
        select(*_SESSION, *sums)
        .join(token_usage, token_usage.c.interception_id == interception.c.id)
        .where(mine)
        .group_by(*_SESSION)
    )
    return {
        # PostgreSQL adds whole numbers up to decimal ones.
        (row.session_id, row.initiator_id): {name: int(getattr(row, name)) for name in TOKENS}
        for row in connection.execute(query)
    }


def _last_prompts(connection: Connection, mine: ColumnElement[bool]) -> Mapping[Key, str]:
    newest = (prompt_usage.c.created_at.desc(), prompt_usage.c.id.desc())
    place = func.row_number().over(partition_by=_SESSION, order_by=newest).label("place")
    numbered = (
        select(*_SESSION, prompt_usage.c.prompt, place)
        .join(prompt_usage, prompt_usage.c.interception_id == interception.c.id)
        .where(mine)
        .subquery()
    )
    rows = connection.execute(select(numbered).where(numbered.c.place == 1))
    return {(row.session_id, row.initiator_id): row.prompt for row in rows}
