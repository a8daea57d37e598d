"""The page of one session: its threads with what the model did about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from provisioner.gateway.dashboard.asked import Asked
from provisioner.gateway.dashboard.cost import list_price
from provisioner.gateway.dashboard.lists import common, pager
from provisioner.gateway.dashboard.page import Page
from provisioner.gateway.management.call import ApiError
from provisioner.gateway.management.session_detail import session_key, threads_of
from provisioner.gateway.management.sessions import session_documents
from provisioner.gateway.record.model import InterceptionRecord

__all__ = ["Step", "Thread", "show_session"]

_THREADS = 10
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One interception, with its tokens added up."""

    record: InterceptionRecord
    input: int
    cached: int
    output: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A prompt and the interceptions that it led to, oldest first; of many the last ones."""

    id: str
    prompt: str
    steps: tuple[Step, ...]
    left_out: int


def show_session(connection: Connection, asked: Asked) -> Page:
    """Return the session of the query's `id` and `user_id`, a page of its threads, oldest first.

    Without `user_id` it is that of whoever came last with the id. Raises `ApiError` when there is
    none that the viewer may see.
    """
    user_id = asked.query.get("user_id")
    key = session_key(connection, asked.viewer, asked.query.get("id", ""), user_id)
    if key is None:
        raise ApiError(404, "There is no such session.", "it may be too old to be kept")
    document = session_documents(connection, [key])[key]
    query = {"limit": str(_THREADS), "offset": str(_THREADS * (asked.page - 1))}
    threads = [_thread(name, records) for name, records in threads_of(connection, key, query)]
    count = document["threads"]
    assert isinstance(count, int)  # noqa: S101 - as every session document has it
    values = {
        **common(connection, asked),
        **pager(asked, count, _THREADS),
        "session": document,
        "threads": threads,
        "first_number": _THREADS * (asked.page - 1) + 1,
    }
    return Page("session.html", values)


def _thread(name: str, records: Sequence[InterceptionRecord]) -> Thread:
    prompts = [prompt.prompt for record in records for prompt in record.prompts]
    left_out = max(len(records) - _STEPS, 0)
    steps = tuple(map(_step, records[left_out:]))
    return Thread(name, prompts[0] if prompts else "", steps, left_out)


def _step(record: InterceptionRecord) -> Step:
    costs = [list_price(record.model, usage) for usage in record.token_usage]
    return Step(
        record=record,
        input=sum(usage.input + usage.cache_write for usage in record.token_usage),
        cached=sum(usage.cache_read for usage in record.token_usage),
        output=sum(usage.output for usage in record.token_usage),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
    )
