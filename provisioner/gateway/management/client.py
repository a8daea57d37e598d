"""The management API for a command: of a gateway that runs, or on the database that one left."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from provisioner.errors import GatewayError, InputError

if TYPE_CHECKING:
    from provisioner.gateway.policy.budget_config import BudgetConfig

__all__ = ["TOKEN_VARIABLE", "ManagementClient", "path_of"]

TOKEN_VARIABLE = "PROVISIONER_GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
"""Holds the token for a gateway that is asked by its address."""

_SECONDS = 30
_UNAUTHORIZED = 401


def path_of(*parts: str) -> str:
    """Return the path `/api/v2/...` with each of `parts` as one part of it, whatever is in it."""
    return "/".join(["/api/v2", *(quote(part, safe="") for part in parts)])


@dataclass(frozen=True, slots=True)
class ManagementClient:
    """Where to ask: `url`, or the database at `address`, or the one in `state`."""

    url: str | None
    state: Path
    address: str | None
    budgets: tuple[BudgetConfig, ...] = ()
    """Those of the configuration, for a database that no gateway uses."""

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:  # noqa: ANN401 - a JSON document
        """Return the document that answers, None for an empty one.

        Raises `InputError` for what cannot be answered and `GatewayError` for a gateway that does
        not answer.
        """
        given = {name: value for name, value in (query or {}).items() if value}
        if self.url is not None:
            return self._ask_gateway(self.url, method, path, given, body)
        return self._ask_database(method, path, given, body or {})

    def _ask_gateway(
        self,
        url: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> Any:  # noqa: ANN401 - a JSON document
        import httpx  # noqa: PLC0415 - most commands ask a database

        if urlsplit(url).scheme not in {"http", "https"}:
            raise InputError(f'"{url}" is not an http or https address')
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token.isascii() or not token.isprintable() or not token:
            raise InputError(f"set {TOKEN_VARIABLE} to a token of the gateway")
        headers = {"Coder-Session-Token": token}
        try:
            answer = httpx.request(
                method,
                url.rstrip("/") + path,
                params=dict(query),
                json=body,
                headers=headers,
                timeout=_SECONDS,
                trust_env=False,
            )
            document = answer.json() if answer.content else None
        except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, UnicodeError) as error:
            raise GatewayError(
                f"no usable answer from {url}: {type(error).__name__}; is a gateway running there?"
            ) from error
        if answer.is_success:
            return document
        if answer.status_code == _UNAUTHORIZED:
            raise InputError(
                f"the gateway at {url} knows no such token, or not any more; "
                f"set {TOKEN_VARIABLE} to another one"
            )
        raise InputError(
            _told(document) or f"the gateway answered with status {answer.status_code}"
        )

    def _ask_database(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object]
    ) -> Any:  # noqa: ANN401 - a JSON document
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - slow to import

        from provisioner.gateway.actor import Actor  # noqa: PLC0415
        from provisioner.gateway.management.call import ApiCall, ApiError  # noqa: PLC0415
        from provisioner.gateway.management.routes import find, run  # noqa: PLC0415
        from provisioner.gateway.record.accounts import DEFAULT_USER  # noqa: PLC0415
        from provisioner.gateway.record.away import DatabaseAwayError, in_words  # noqa: PLC0415
        from provisioner.gateway.record.opened import (  # noqa: PLC0415
            open_database,
            open_for_reading,
        )
        from provisioner.gateway.virtual_key import load_pepper  # noqa: PLC0415

        route, parts = find(method, path)
        # Whoever may use the database may see all of it.
        actor = Actor(DEFAULT_USER, admin=True)
        pepper = partial(load_pepper, self.state, self.address)
        call = ApiCall(actor, parts, query, body, budgets=self.budgets, pepper=pepper)
        # A new database, which no gateway uses, would not be the one that was meant.
        database = open_for_reading(self.state, self.address)
        if method != "GET":
            database.close()
            database = open_database(self.state, self.address)
        try:
            answer = run(database, route, call)
        except ApiError as error:
            raise InputError(_told(error.document)) from error
        except (DBAPIError, DatabaseAwayError) as error:
            raise InputError(f'cannot use "{database.name}": {in_words(error)}') from error
        finally:
            database.close()
        if answer.secret is not None and isinstance(answer.document, dict):
            return {**answer.document, "key": answer.secret.reveal()}
        return answer.document


def _told(document: object) -> str:
    """Return an error of the API as one line in the words of this program."""
    if not isinstance(document, dict) or not isinstance(document.get("message"), str):
        return ""
    message = document["message"].rstrip(".")
    told = [message[:1].lower() + message[1:]]
    if isinstance(document.get("detail"), str):
        told.append(document["detail"])
    validations = document.get("validations") or ()
    told += [f"{entry.get('field')}: {entry.get('detail')}" for entry in validations]
    return "; ".join(told)
