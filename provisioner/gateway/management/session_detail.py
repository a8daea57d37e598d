"""One session with its threads: what was asked, and what the model did about it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from provisioner.gateway.actor import Actor
from provisioner.gateway.management.call import (
    ApiAnswer,
    ApiCall,
    ApiError,
    bad_request,
    timestamp,
)
from provisioner.gateway.management.search import page, visible
from provisioner.gateway.management.sessions import Key, session_documents
from provisioner.gateway.record.model import InterceptionRecord, Outcome, ToolUsage
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.store import interceptions_where
from provisioner.gateway.record.stored import indexable, storable

__all__ = ["session_key", "show_session", "threads_of", "token_sums", "tool_document"]

_THREAD = func.coalesce(interception.c.thread_root_id, interception.c.id)
_MOST_THREADS = 200
_FEW_THREADS = 50


def show_session(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the session of that id and a page of its threads, oldest first."""
    key = session_key(connection, call.viewer, call.path["session_id"])
    if key is None:
        wanted = call.path["session_id"]
        raise ApiError(404, "Session not found.", f'no session that you may see is "{wanted}"')
    threads = threads_of(connection, key, call.query)
    records = [record for _, thread in threads for record in thread]
    document = dict(session_documents(connection, [key])[key])
    times = sorted(record.started_at for record in records)
    ends = sorted(record.ended_at for record in records if record.ended_at is not None)
    document["threads"] = [_thread(name, thread) for name, thread in threads]
    document["page_started_at"] = timestamp(times[0]) if times else None
    document["page_ended_at"] = timestamp(ends[-1]) if ends else None
    return ApiAnswer(document)


def session_key(
    connection: Connection, viewer: Actor, session_id: str, user_id: str | None = None
) -> Key | None:
    """Return which session that `viewer` may see has the id, None for no session.

    Of two users that came with one id, `user_id` says who is meant, else the one who came last.
    """
    table = interception
    mine = table.c.session_id == indexable(session_id)
    if user_id is not None:
        mine &= table.c.initiator_id == storable(user_id)
    newest = (
        select(table.c.session_id, table.c.initiator_id)
        .where(visible(viewer), mine)
        .order_by(table.c.started_at.desc())
        .limit(1)
    )
    found = connection.execute(newest).first()
    return None if found is None else (found.session_id, found.initiator_id)


def threads_of(
    connection: Connection, key: Key, query: Mapping[str, str]
) -> Sequence[tuple[str, Sequence[InterceptionRecord]]]:
    """Return the page that `query` asks for of the threads of a session: id and records.

    Both threads and their interceptions come oldest first.
    """
    table = interception
    mine = (table.c.session_id == key[0]) & (table.c.initiator_id == key[1])
    ids = _page_of_threads(connection, query, mine)
    # The threads of a session are in it alone, so their interceptions are the session's.
    records = interceptions_where(connection, mine, _THREAD.in_(ids)) if ids else ()
    of_thread: dict[str, list[InterceptionRecord]] = {name: [] for name in ids}
    for record in reversed(records):
        of_thread[record.thread_root_id or record.id].append(record)
    return [(name, of_thread[name]) for name in ids]


def token_sums(records: Iterable[InterceptionRecord]) -> dict[str, int]:
    """Return the tokens of `records`, added up."""
    usages = [usage for record in records for usage in record.token_usage]
    return {
        "input_tokens": sum(usage.input for usage in usages),
        "output_tokens": sum(usage.output for usage in usages),
        "cache_read_input_tokens": sum(usage.cache_read for usage in usages),
        "cache_write_input_tokens": sum(usage.cache_write for usage in usages),
    }


def tool_document(record: InterceptionRecord, number: int, tool: ToolUsage) -> dict[str, object]:
    """Return what is said of the tool call `number` of an interception."""
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record.id} tool {number}")),
        "interception_id": record.id,
        "provider_response_id": tool.msg_id,
        "server_url": tool.server_url or "",
        "tool": tool.tool,
        "injected": tool.injected,
        "input": tool.args_json,
        "metadata": {},
        "created_at": timestamp(tool.created_at),
    }


def _page_of_threads(
    connection: Connection, query: Mapping[str, str], mine: ColumnElement[bool]
) -> Sequence[str]:
    """Return the ids of the threads of a page, oldest first."""
    wanted = page(query, "after_id", default=_FEW_THREADS, most=_MOST_THREADS)
    before = query.get("before_id", "")
    if wanted.after and before:
        problem = "after_id and before_id cannot be used together"
        raise bad_request("Query parameters have invalid values.", before_id=problem)
    first = func.min(interception.c.started_at).label("first")
    threads = select(_THREAD.label("id"), first).where(mine).group_by(_THREAD).subquery()
    place = tuple_(threads.c.first, threads.c.id)
    chosen = select(threads.c.id)
    name, anchor = ("before_id", before) if before else ("after_id", wanted.after)
    if anchor:
        at = connection.execute(select(threads).where(threads.c.id == anchor)).first()
        if at is None:
            problem = "there is no such thread in this session"
            raise bad_request("Query parameters have invalid values.", **{name: problem})
        there = tuple_(at.first, at.id)
        chosen = chosen.where(place < there if before else place > there)
    # Before a thread means the ones next to it.
    columns = (threads.c.first, threads.c.id)
    order = [column.desc() for column in columns] if before else list(columns)
    chosen = chosen.order_by(*order).limit(wanted.limit).offset(wanted.offset)
    ids = list(connection.execute(chosen).scalars())
    return ids[::-1] if before else ids


def _thread(name: str, records: Sequence[InterceptionRecord]) -> dict[str, object]:
    first, last = records[0], records[-1]
    prompts = [prompt.prompt for record in records for prompt in record.prompts]
    ended = last.ended_at if all(record.ended_at for record in records) else None
    failed = last.outcome not in {Outcome.RUNNING, Outcome.COMPLETED}
    return {
        "id": name,
        "prompt": prompts[0] if prompts else None,
        "model": first.model,
        "provider": first.provider_type,
        "provider_name": first.provider,
        "credential_kind": first.credential_kind,
        "credential_hint": first.credential_hint,
        "started_at": timestamp(first.started_at),
        "ended_at": timestamp(ended),
        "error_type": last.outcome.value if failed else None,
        "error_message": last.error or None,
        "token_usage": token_sums(records),
        "agentic_actions": [_action(r) for r in records if r.tools or r.thoughts],
    }


def _action(record: InterceptionRecord) -> dict[str, object]:
    return {
        "model": record.model,
        "thinking": [{"text": thought.content} for thought in record.thoughts],
        "token_usage": token_sums([record]),
        "tool_calls": [
            tool_document(record, number, tool) for number, tool in enumerate(record.tools)
        ],
    }
