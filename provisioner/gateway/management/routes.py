"""Method and path → what answers: the same for HTTP and for a command on the database."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from msgspec import Struct

from provisioner.gateway.deployment_config import Era
from provisioner.gateway.management.call import ApiAnswer, ApiCall
from provisioner.gateway.record.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["ROUTES", "ApiRoute", "Work", "find", "run"]

Work: TypeAlias = "Callable[[Connection, ApiCall], ApiAnswer]"
"""Answers a call within a transaction."""


class ApiRoute(Struct, frozen=True):
    """One call; parts of `path` in braces are handed over by name.

    What answers is named as `module.function`: most gateways are never asked. It is there in `eras`
    of Coder, and in every other dialect.
    """

    method: str
    path: str
    name: str
    eras: frozenset[Era] = frozenset(Era)

    @property
    def writes(self) -> bool:
        """Whether it changes the database."""
        return self.method != "GET"

    def work(self) -> Work:
        """Return what answers; the first time takes as long as its import."""
        module, _, name = self.name.rpartition(".")
        work: Work = getattr(import_module(f"{__package__}.{module}"), name)
        return work


_ALWAYS = frozenset(Era)
_BEFORE = frozenset({Era.V2_32})
_SINCE = frozenset({Era.V2_36})
_RECORDS = {
    "sessions": ("sessions.list_sessions", _ALWAYS),
    "sessions/{session_id}": ("session_detail.show_session", _ALWAYS),
    "interceptions": ("interceptions.list_interceptions", _BEFORE),
    "models": ("names.list_models", _SINCE),
    "clients": ("names.list_clients", _SINCE),
    "providers": ("names.list_providers", _SINCE),
    # Not Coder's.
    "records": ("records.list_records", _ALWAYS),
    "usage": ("usage.show_usage", _ALWAYS),
}
_BASES = {"aibridge": _ALWAYS, "ai-gateway": _SINCE}
_KEYS = "/api/v2/ai-gateway/virtual-keys"
_PROVIDERS = "/api/v2/ai/providers"
ROUTES = (
    *(
        ApiRoute("GET", f"/api/v2/{base}/{path}", name, eras & of_base)
        for base, of_base in _BASES.items()
        for path, (name, eras) in _RECORDS.items()
    ),
    ApiRoute("GET", "/api/v2/ai-gateway/budgets", "budgets.list_budgets", _SINCE),
    ApiRoute("POST", "/api/v2/ai-gateway/budgets/{budget}/reset", "budgets.reset_budget", _SINCE),
    ApiRoute("GET", "/api/v2/ai-gateway/access-usage", "access_usage.show_access_usage"),
    ApiRoute("GET", _KEYS, "virtual_keys.list_virtual_keys"),
    ApiRoute("POST", _KEYS, "virtual_keys.make_virtual_key"),
    ApiRoute("GET", f"{_KEYS}/{{key}}", "virtual_keys.show_virtual_key"),
    ApiRoute("PATCH", f"{_KEYS}/{{key}}", "virtual_keys.change_virtual_key"),
    *(
        ApiRoute("POST", f"{_KEYS}/{{key}}/{action}", f"virtual_keys.{action}_virtual_key")
        for action in ("rotate", "revoke", "disable", "enable")
    ),
    ApiRoute("GET", _PROVIDERS, "providers.list_all_providers", _SINCE),
    ApiRoute("POST", _PROVIDERS, "providers.make_provider", _SINCE),
    ApiRoute("GET", f"{_PROVIDERS}/{{provider}}", "providers.show_provider", _SINCE),
    ApiRoute("PATCH", f"{_PROVIDERS}/{{provider}}", "providers.change_one_provider", _SINCE),
    ApiRoute("DELETE", f"{_PROVIDERS}/{{provider}}", "providers.remove_one_provider", _SINCE),
    ApiRoute("GET", "/api/v2/users/{user}", "tokens.show_user"),
    ApiRoute("GET", "/api/v2/users/{user}/keys/tokens", "tokens.show_tokens"),
    ApiRoute("POST", "/api/v2/users/{user}/keys/tokens", "tokens.make_token"),
    ApiRoute("GET", "/api/v2/users/{user}/keys/tokens/{token}", "tokens.show_token"),
    ApiRoute("DELETE", "/api/v2/users/{user}/keys/{token}", "tokens.remove_token"),
)
"""All there are; those about records have both of the gateway's names.

Eras as the releases of Coder have these paths."""


def find(method: str, path: str) -> tuple[ApiRoute, dict[str, str]]:
    """Return the route of a `path` that is percent-encoded, with the parts of it.

    Raises `KeyError` when there is none.
    """
    for route in ROUTES:
        pattern, given = route.path.split("/"), path.split("/")
        if route.method != method or len(pattern) != len(given):
            continue
        pairs = list(zip(pattern, given, strict=True))
        if all(want == have or want.startswith("{") for want, have in pairs):
            return route, {
                want.strip("{}"): unquote(have) for want, have in pairs if want.startswith("{")
            }
    raise KeyError(path)


def run(database: Database, route: ApiRoute, call: ApiCall) -> ApiAnswer:
    """Answer `call` from `database`; raises `ApiError` and `DatabaseAwayError`."""
    work, done = route.work(), database.write if route.writes else database.read
    return done(lambda connection: work(connection, call))
