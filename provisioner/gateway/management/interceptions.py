"""The list of interceptions, as releases of Coder before 2.36 have it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection, func, select, tuple_

from provisioner.gateway.management.call import ApiAnswer, ApiCall, bad_request, timestamp
from provisioner.gateway.management.search import page, search, visible
from provisioner.gateway.management.session_detail import tool_document
from provisioner.gateway.management.sessions import user_document
from provisioner.gateway.record.model import InterceptionRecord, PromptUsage, TokenUsage
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.store import interceptions_where

__all__ = ["list_interceptions", "page_of_interceptions"]


def list_interceptions(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the ended interceptions that fit, newest first."""
    count, records = page_of_interceptions(connection, call)
    return ApiAnswer({"count": count, "results": [_document(record) for record in records]})


def page_of_interceptions(
    connection: Connection, call: ApiCall
) -> tuple[int, Sequence[InterceptionRecord]]:
    """Return how many ended interceptions fit, and the page of them that is asked for."""
    table = interception
    wanted = page(call.query, "after_id")
    conditions = [
        visible(call.viewer),
        *search(call.query.get("q", ""), call.viewer),
        table.c.ended_at.is_not(None),
    ]
    counted = select(func.count()).select_from(table).where(*conditions)
    count = connection.execute(counted).scalar_one()
    place = (table.c.started_at, table.c.id)
    if wanted.after:
        seen = select(*place).where(*conditions, table.c.id == wanted.after)
        last = connection.execute(seen).first()
        if last is None:
            problem = "there is no such interception in this list"
            raise bad_request("Query parameters have invalid values.", after_id=problem)
        conditions.append(tuple_(*place) < tuple_(*last))
    limit, offset = wanted.limit, wanted.offset
    return count, interceptions_where(connection, *conditions, limit=limit, offset=offset)


def _document(record: InterceptionRecord) -> dict[str, object]:
    return {
        "id": record.id,
        "api_key_id": None,
        "initiator": user_document(record.initiator_id, record.initiator),
        "provider": record.provider_type,
        "provider_name": record.provider,
        "model": record.model,
        "client": record.client,
        "metadata": {"Username": record.initiator},
        "session_id": record.session_id,
        "thread_id": record.thread_root_id or record.id,
        "credential_kind": record.credential_kind,
        "credential_hint": record.credential_hint,
        "outcome": record.outcome.value,
        "status": record.status,
        "error": record.error,
        "started_at": timestamp(record.started_at),
        "ended_at": timestamp(record.ended_at),
        "token_usages": [_usage(record, *pair) for pair in enumerate(record.token_usage)],
        "user_prompts": [_prompt(record, *pair) for pair in enumerate(record.prompts)],
        "tool_usages": [
            {**tool_document(record, number, tool), "invocation_error": tool.invocation_error or ""}
            for number, tool in enumerate(record.tools)
        ],
    }


def _usage(record: InterceptionRecord, number: int, usage: TokenUsage) -> dict[str, object]:
    return {
        **_part(record, "usage", number, usage),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_input_tokens": usage.cache_read,
        "cache_write_input_tokens": usage.cache_write,
        "metadata": {
            "input_cached": usage.cache_read,
            "output_reasoning": usage.output_reasoning,
            "total_tokens": usage.total,
        },
    }


def _prompt(record: InterceptionRecord, number: int, prompt: PromptUsage) -> dict[str, object]:
    return {**_part(record, "prompt", number, prompt), "prompt": prompt.prompt, "metadata": {}}


def _part(
    record: InterceptionRecord, kind: str, number: int, part: TokenUsage | PromptUsage
) -> dict[str, object]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record.id} {kind} {number}")),
        "interception_id": record.id,
        "provider_response_id": part.msg_id,
        "created_at": timestamp(part.created_at),
    }
