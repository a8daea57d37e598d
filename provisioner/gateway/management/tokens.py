"""Users and their tokens, with the paths and shapes of Coder's API keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from provisioner.gateway.management.call import (
    ApiAnswer,
    ApiCall,
    ApiError,
    bad_request,
    timestamp,
)
from provisioner.gateway.record.accounts import (
    Account,
    ensure_account,
    find_account,
    join_groups,
)
from provisioner.gateway.record.plain import Plain, plain
from provisioner.gateway.record.token_list import (
    AmbiguousTokenError,
    is_limited,
    list_tokens,
    revoke_token,
    token_info,
)
from provisioner.gateway.record.tokens import TokenInfo, TokenNameTakenError, create_token

__all__ = ["make_token", "remove_token", "show_token", "show_tokens", "show_user"]

_LONGEST = timedelta(days=36_500)
_LONGEST_NAME = 200
_SECONDS_OF_NANOSECONDS = 1_000_000_000


def show_user(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with a user, as a Coder deployment does for those who check a token there."""
    viewer = call.viewer
    if call.path["user"] in {"me", viewer.user, viewer.id}:
        return ApiAnswer(_user(viewer.id, viewer.user, admin=viewer.admin))
    found = _account(connection, call)
    return ApiAnswer(_user(found.id, found.username, admin=found.admin))


def show_tokens(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the tokens of a user; without `include_expired` those that work.

    An admin gets those of all users for the user `me` with `include_all`.
    """
    everyone = call.query.get("include_all") == "true" and call.viewer.admin
    owner = None if everyone else _account(connection, call).id
    dead = call.query.get("include_expired") == "true"
    now = datetime.now(UTC)
    tokens = list_tokens(plain(connection), owner)
    return ApiAnswer([_token(t, now) for t in tokens if dead or t.state(now) == "active"])


def make_token(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Make a token: an admin for anyone, with the user and its groups; all others for themselves.

    A user's own new token ends when the one ends with which it is asked for.
    """
    name = call.body.get("token_name") or ""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        problem = f"must be text of at most {_LONGEST_NAME} characters"
        raise bad_request("Request body has invalid values.", token_name=problem)
    lifetime = _lifetime(call.body)
    until = None
    if call.viewer.admin:
        owner = _owner(connection, call)
    else:
        owner, until = _oneself(connection, call, lifetime)
    try:
        secret, info = create_token(
            plain(connection), owner, name=name, lifetime=lifetime, until=until
        )
    except TokenNameTakenError as error:
        taken = {"token_name": "this value is already in use and should be unique"}
        problem = f'A token with name "{name}" already exists.'
        raise ApiError(409, problem, validations=taken) from error
    made = {"key": secret.hint, "id": info.id, "user": owner.username, "name": info.name}
    return ApiAnswer({**made, "expires_at": timestamp(info.expires_at)}, 201, secret)


def show_token(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with a token, found by its id or name."""
    return ApiAnswer(_token(_one(connection, call, token_info), datetime.now(UTC)))


def remove_token(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Revoke a token by its id or name."""
    _one(connection, call, revoke_token)
    return ApiAnswer(None, 204, revoked=True)


def _one(
    connection: Connection,
    call: ApiCall,
    find: Callable[[Plain, str, str | None], TokenInfo | None],
) -> TokenInfo:
    """Return the token of the path; an admin's `me` means anyone's."""
    anyone = call.viewer.admin and call.path["user"] == "me"
    owner = None if anyone else _account(connection, call).id
    try:
        found = find(plain(connection), call.path["token"], owner)
    except AmbiguousTokenError as error:
        meant = ", ".join(f"{info.id} of {info.user}" for info in error.tokens)
        raise ApiError(
            409,
            f'Several tokens have the name "{call.path["token"]}".',
            f"name the user, or use the id: {meant}",
        ) from error
    if found is None:
        raise _not_found()
    return found


def _owner(connection: Connection, call: ApiCall) -> Account:
    """Return whom an admin makes a token for, made with its groups when missing."""
    body, username = call.body, call.path["user"]
    if username == "me":
        username = call.viewer.user
    _checked_name("user", username)
    groups = body.get("groups") or []
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        raise bad_request("Request body has invalid values.", groups="must be a list of names")
    for name in groups:
        _checked_name("groups", name)
    owner = ensure_account(plain(connection), username, admin=body.get("admin") is True)
    join_groups(plain(connection), owner, groups)
    return owner


def _oneself(
    connection: Connection, call: ApiCall, lifetime: timedelta | None
) -> tuple[Account, datetime | None]:
    """Return who asks for a token of their own, and until when it may work at most."""
    asking = token_info(plain(connection), call.viewer.token_id) if call.viewer.token_id else None
    if asking is None or call.path["user"] not in {"me", call.viewer.user, call.viewer.id}:
        raise ApiError(403, "Only an admin of the gateway may create tokens for others.")
    if call.body.get("groups") or call.body.get("admin"):
        raise ApiError(403, "Only an admin of the gateway may give groups and rights.")
    if is_limited(plain(connection), asking.id):
        raise ApiError(403, "A token with limits of its own may not create another one.")
    until = asking.expires_at
    if until is not None and lifetime is not None and datetime.now(UTC) + lifetime > until:
        problem = f"must not go beyond {timestamp(until)}, when the token that asks ends"
        raise bad_request("Request body has invalid values.", lifetime=problem)
    return _account(connection, call), until


def _account(connection: Connection, call: ApiCall) -> Account:
    """Return the user of the path; to anyone but an admin there is none besides oneself."""
    viewer, wanted = call.viewer, call.path["user"]
    if viewer.admin and wanted != "me":
        found = find_account(plain(connection), wanted)
    else:
        found = find_account(plain(connection), viewer.id)
        # Whoever is known elsewhere may have there what is a name here.
        if found is None or found.id != viewer.id or wanted not in {"me", viewer.user, viewer.id}:
            found = None
    if found is None:
        raise _not_found()
    return found


def _lifetime(body: Mapping[str, object]) -> timedelta | None:
    """Return for how long a token shall work, None for ever; Coder counts nanoseconds."""
    nanoseconds = body.get("lifetime") or 0
    if type(nanoseconds) is int and nanoseconds >= 0:
        seconds = nanoseconds / _SECONDS_OF_NANOSECONDS
        if seconds <= _LONGEST.total_seconds():
            return timedelta(seconds=seconds) if seconds else None
    problem = "must be nanoseconds, at most a hundred years"
    raise bad_request("Request body has invalid values.", lifetime=problem)


def _checked_name(field: str, name: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        problem = f"must be 1 to {_LONGEST_NAME} printable characters"
        raise bad_request("Request body has invalid values.", **{field: problem})


def _not_found() -> ApiError:
    return ApiError(404, "Resource not found or you do not have access to this resource")


def _user(user_id: str, username: str, *, admin: bool) -> dict[str, object]:
    roles: list[object] = [{"name": "owner", "display_name": "Owner"}] if admin else []
    return {
        "id": user_id,
        "username": username,
        "name": username,
        "avatar_url": "",
        "email": "",
        "status": "active",
        "login_type": "token",
        "organization_ids": [],
        "roles": roles,
    }


def _token(token: TokenInfo, now: datetime) -> dict[str, object]:
    lifetime = token.expires_at - token.created_at if token.expires_at else timedelta()
    return {
        "id": token.id,
        "user_id": token.user_id,
        "username": token.user,
        "token_name": token.name,
        "hint": token.hint,
        "state": token.state(now),
        "login_type": "token",
        "scope": "all",
        "lifetime_seconds": int(lifetime.total_seconds()),
        "created_at": timestamp(token.created_at),
        "last_used": timestamp(token.last_used_at),
        "expires_at": timestamp(token.expires_at),
        "revoked_at": timestamp(token.revoked_at),
    }
