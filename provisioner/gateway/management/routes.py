"""Method and path → what answers: the same for HTTP and for a command on the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from sqlalchemy import Connection

from provisioner.gateway.deployment_config import Era
from provisioner.gateway.management.access_usage import show_access_usage
from provisioner.gateway.management.budgets import list_budgets, reset_budget
from provisioner.gateway.management.call import ApiAnswer, ApiCall
from provisioner.gateway.management.interceptions import list_interceptions
from provisioner.gateway.management.names import (
    list_clients,
    list_models,
    list_providers,
)
from provisioner.gateway.management.providers import (
    change_one_provider,
    list_all_providers,
    make_provider,
    remove_one_provider,
    show_provider,
)
from provisioner.gateway.management.records import list_records
from provisioner.gateway.management.session_detail import show_session
from provisioner.gateway.management.sessions import list_sessions
from provisioner.gateway.management.tokens import (
    make_token,
    remove_token,
    show_token,
    show_tokens,
    show_user,
)
from provisioner.gateway.management.usage import show_usage
from provisioner.gateway.management.virtual_keys import (
    VIRTUAL_KEY_ACTIONS,
    act_on_virtual_key,
    change_virtual_key,
    list_virtual_keys,
    make_virtual_key,
    show_virtual_key,
)
from provisioner.gateway.record.database import Database

__all__ = ["ROUTES", "ApiRoute", "find", "run"]


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One call; parts of `path` in braces are handed over by name.

    It is there in `eras` of Coder, and in every other dialect.
    """

    method: str
    path: str
    work: Callable[[Connection, ApiCall], ApiAnswer]
    eras: frozenset[Era] = frozenset(Era)

    @property
    def writes(self) -> bool:
        """Whether it changes the database."""
        return self.method != "GET"


_ALWAYS = frozenset(Era)
_BEFORE = frozenset({Era.V2_32})
_SINCE = frozenset({Era.V2_36})
_RECORDS = {
    "sessions": (list_sessions, _ALWAYS),
    "sessions/{session_id}": (show_session, _ALWAYS),
    "interceptions": (list_interceptions, _BEFORE),
    "models": (list_models, _SINCE),
    "clients": (list_clients, _SINCE),
    "providers": (list_providers, _SINCE),
    # Not Coder's.
    "records": (list_records, _ALWAYS),
    "usage": (show_usage, _ALWAYS),
}
_BASES = {"aibridge": _ALWAYS, "ai-gateway": _SINCE}
_KEYS = "/api/v2/ai-gateway/virtual-keys"
_PROVIDERS = "/api/v2/ai/providers"
ROUTES = (
    *(
        ApiRoute("GET", f"/api/v2/{base}/{name}", work, eras & of_base)
        for base, of_base in _BASES.items()
        for name, (work, eras) in _RECORDS.items()
    ),
    ApiRoute("GET", "/api/v2/ai-gateway/budgets", list_budgets, _SINCE),
    ApiRoute("POST", "/api/v2/ai-gateway/budgets/{budget}/reset", reset_budget, _SINCE),
    ApiRoute("GET", "/api/v2/ai-gateway/access-usage", show_access_usage),
    ApiRoute("GET", _KEYS, list_virtual_keys),
    ApiRoute("POST", _KEYS, make_virtual_key),
    ApiRoute("GET", f"{_KEYS}/{{key}}", show_virtual_key),
    ApiRoute("PATCH", f"{_KEYS}/{{key}}", change_virtual_key),
    *(
        ApiRoute("POST", f"{_KEYS}/{{key}}/{action}", partial(act_on_virtual_key, action))
        for action in VIRTUAL_KEY_ACTIONS
    ),
    ApiRoute("GET", _PROVIDERS, list_all_providers, _SINCE),
    ApiRoute("POST", _PROVIDERS, make_provider, _SINCE),
    ApiRoute("GET", f"{_PROVIDERS}/{{provider}}", show_provider, _SINCE),
    ApiRoute("PATCH", f"{_PROVIDERS}/{{provider}}", change_one_provider, _SINCE),
    ApiRoute("DELETE", f"{_PROVIDERS}/{{provider}}", remove_one_provider, _SINCE),
    ApiRoute("GET", "/api/v2/users/{user}", show_user),
    ApiRoute("GET", "/api/v2/users/{user}/keys/tokens", show_tokens),
    ApiRoute("POST", "/api/v2/users/{user}/keys/tokens", make_token),
    ApiRoute("GET", "/api/v2/users/{user}/keys/tokens/{token}", show_token),
    ApiRoute("DELETE", "/api/v2/users/{user}/keys/{token}", remove_token),
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
    work = partial(_work, route, call)
    return database.write(work) if route.writes else database.read(work)


def _work(route: ApiRoute, call: ApiCall, connection: Connection) -> ApiAnswer:
    return route.work(connection, call)
