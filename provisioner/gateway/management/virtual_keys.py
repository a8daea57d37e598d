"""Virtual keys: made, shown, changed, rotated, switched off and on, revoked; all for admins."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import Connection

from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError, timestamp
from provisioner.gateway.management.checked import checked
from provisioner.gateway.management.virtual_key_body import KeyBody, KeyChange, merged
from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.record.accounts import SHARED_PREFIX, ensure_account, join_groups
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.turn import Turn, take_turn
from provisioner.gateway.record.virtual_keys import (
    KeyInfo,
    NewSecret,
    change_key,
    create_key,
    find_key,
    list_keys,
    rotate_key,
)
from provisioner.gateway.virtual_key import (
    KEY_PREFIX,
    Environment,
    hasher,
    new_key,
    shown_part,
)

__all__ = [
    "change_virtual_key",
    "disable_virtual_key",
    "enable_virtual_key",
    "list_virtual_keys",
    "make_virtual_key",
    "revoke_virtual_key",
    "rotate_virtual_key",
    "show_virtual_key",
]


def list_virtual_keys(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with all keys; without `include_all` those that are not revoked."""
    _admins_only(call)
    everything = call.query.get("include_all") == "true"
    keys = (key for key in list_keys(connection) if everything or key.revoked_at is None)
    return ApiAnswer([_document(key) for key in keys])


def show_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the key that has the id or name of the path."""
    _admins_only(call)
    return ApiAnswer(_document(_key(connection, call)))


def make_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Make a key; the answer is the only one that has it."""
    _admins_only(call)
    body = checked(KeyBody, call.body)
    take_turn(plain(connection), Turn.KEYS)
    if body.name and find_key(connection, body.name) is not None:
        raise ApiError(409, f'There is a virtual key "{body.name}" already.')
    secret = _new_secret(call, body.environment)
    key_id = str(uuid.uuid4())
    # A shared key is a user of its own, so that what it does is told apart from what others do.
    # Names come again.
    owner = ensure_account(plain(connection), body.user or f"{SHARED_PREFIX}{key_id}")
    join_groups(plain(connection), owner, body.groups)
    key = create_key(
        connection,
        owner,
        secret,
        body.policy,
        key_id=key_id,
        name=body.name,
        expires_at=body.ends(datetime.now(UTC)),
    )
    return ApiAnswer({"key": secret.hint, **_document(key)}, 201, secret.value)


def change_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Change what the body names: name, end, and parts of the policy (RFC 7386)."""
    key = _taken(connection, call)
    body = checked(KeyChange, call.body)
    changes: dict[str, object] = {}
    if body.name is not None:
        other = find_key(connection, body.name)
        if other is not None and other.id != key.id:
            raise ApiError(409, f'There is a virtual key "{body.name}" already.')
        changes["name"] = body.name
    if "expires_at" in body.model_fields_set or "lifetime_seconds" in body.model_fields_set:
        changes["expires_at"] = body.ends(datetime.now(UTC))
    if body.policy is not None:
        policy = merged(key.policy.model_dump(mode="json", exclude_defaults=True), body.policy)
        changes["policy"] = checked(KeyPolicy, policy, below="policy")
    return ApiAnswer(_document(change_key(connection, key, changes)), revoked=True)


def rotate_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Give a key that is not revoked another secret; the answer is the only one that has it."""
    key = _taken(connection, call)
    middle = key.hint.removeprefix(KEY_PREFIX).partition("_")[0]
    environment: Environment = (
        "live" if middle == "live" else "test" if middle == "test" else "none"
    )
    secret = _new_secret(call, environment)
    rotated = rotate_key(connection, key, secret)
    return ApiAnswer({"key": secret.hint, **_document(rotated)}, 200, secret.value, revoked=True)


def revoke_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Revoke a key that is not, which is for good."""
    return _changed(connection, _taken(connection, call), revoked_at=datetime.now(UTC))


def disable_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Switch a key off that is not revoked."""
    key = _taken(connection, call)
    return _changed(connection, key, disabled_at=key.disabled_at or datetime.now(UTC))


def enable_virtual_key(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Switch a key on again that is not revoked."""
    return _changed(connection, _taken(connection, call), disabled_at=None)


def _taken(connection: Connection, call: ApiCall) -> KeyInfo:
    """Return the key of the path for an admin, who alone changes keys until the end."""
    _admins_only(call)
    take_turn(plain(connection), Turn.KEYS)
    return _unrevoked(connection, call)


def _changed(connection: Connection, key: KeyInfo, **changes: object) -> ApiAnswer:
    return ApiAnswer(_document(change_key(connection, key, changes)), revoked=True)


def _new_secret(call: ApiCall, environment: Environment) -> NewSecret:
    if call.pepper is None:
        detail = 'virtual keys are those of the dialect "langwatch"'
        raise ApiError(409, "This gateway has no virtual keys.", detail)
    value = new_key(environment)
    return NewSecret(value, shown_part(value), hasher(call.pepper())(value.reveal()))


def _admins_only(call: ApiCall) -> None:
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may manage virtual keys.")


def _key(connection: Connection, call: ApiCall) -> KeyInfo:
    key = find_key(connection, call.path["key"])
    if key is None:
        raise ApiError(404, f'There is no virtual key "{call.path["key"]}".')
    return key


def _unrevoked(connection: Connection, call: ApiCall) -> KeyInfo:
    key = _key(connection, call)
    if key.revoked_at is not None:
        raise ApiError(409, "The virtual key is revoked, which is for good; create another one.")
    return key


def _document(key: KeyInfo) -> dict[str, object]:
    shared = key.user.startswith(SHARED_PREFIX)
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "kind": "shared" if shared else "personal",
        "user": None if shared else key.user,
        "state": key.state(datetime.now(UTC)),
        "created_at": timestamp(key.created_at),
        "expires_at": timestamp(key.expires_at),
        "revoked_at": timestamp(key.revoked_at),
        "disabled_at": timestamp(key.disabled_at),
        "last_used": timestamp(key.last_used_at),
        "former_secret_until": timestamp(key.former_until),
        "policy": key.policy.model_dump(mode="json"),
    }
