"""What occurs in the records, and what the gateway serves: models, clients, providers."""

from __future__ import annotations

from sqlalchemy import Column, Connection, select

from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError
from provisioner.gateway.management.search import page, visible
from provisioner.gateway.record.schema import interception

__all__ = [
    "list_clients",
    "list_configured_providers",
    "list_models",
    "list_providers",
    "show_provider",
]


def list_models(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the models that were asked for."""
    return _distinct(connection, call, interception.c.model)


def list_clients(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the AI clients that came."""
    return _distinct(connection, call, interception.c.client)


def list_providers(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the names of the providers that were used."""
    return _distinct(connection, call, interception.c.provider)


def list_configured_providers(_: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the providers of the configuration; to admins alone."""
    _for_admins(call)
    return ApiAnswer([dict(provider) for provider in call.providers])


def show_provider(_: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with one provider of the configuration; to admins alone."""
    _for_admins(call)
    wanted = call.path["provider"]
    for provider in call.providers:
        if wanted in {provider["id"], provider["name"]}:
            return ApiAnswer(dict(provider))
    raise ApiError(404, "Resource not found or you do not have access to this resource")


def _for_admins(call: ApiCall) -> None:
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may see its providers.")


def _distinct(connection: Connection, call: ApiCall, column: Column[str]) -> ApiAnswer:
    wanted = page(call.query, "")
    query = select(column).where(visible(call.viewer), column != "").distinct().order_by(column)
    prefix = call.query.get("q", "")
    if prefix:
        query = query.where(column.startswith(prefix, autoescape=True))
    rows = connection.execute(query.limit(wanted.limit).offset(wanted.offset)).scalars()
    return ApiAnswer(list(rows))
