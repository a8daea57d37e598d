"""What occurs in the records: models, clients, providers."""

from __future__ import annotations

from sqlalchemy import Column, Connection, select

from provisioner.gateway.management.call import ApiAnswer, ApiCall
from provisioner.gateway.management.search import page, visible
from provisioner.gateway.record.schema import interception

__all__ = ["list_clients", "list_models", "list_providers"]


def list_models(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the models that were asked for."""
    return _distinct(connection, call, interception.c.model)


def list_clients(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the AI clients that came."""
    return _distinct(connection, call, interception.c.client)


def list_providers(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the names of the providers that were used."""
    return _distinct(connection, call, interception.c.provider)


def _distinct(connection: Connection, call: ApiCall, column: Column[str]) -> ApiAnswer:
    wanted = page(call.query, "")
    query = select(column).where(visible(call.viewer), column != "").distinct().order_by(column)
    prefix = call.query.get("q", "")
    if prefix:
        query = query.where(column.startswith(prefix, autoescape=True))
    rows = connection.execute(query.limit(wanted.limit).offset(wanted.offset)).scalars()
    return ApiAnswer(list(rows))
