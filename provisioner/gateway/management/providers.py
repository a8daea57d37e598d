"""The providers that are served: those of the configuration, and those that admins set up here."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from provisioner.errors import ProvisionerError
from provisioner.gateway.key_seal import KeySeal
from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError, Document, bad_request
from provisioner.gateway.management.checked import checked
from provisioner.gateway.management.provider_body import (
    KeyBody,
    NewProvider,
    ProviderChange,
    provider_config,
)
from provisioner.gateway.management.provider_documents import stored_document
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.providers import (
    StoredKey,
    StoredProvider,
    add_provider,
    change_provider,
    read_providers,
    remove_provider,
)
from provisioner.gateway.record.turn import Turn, take_turn
from provisioner.gateway.stored_providers import stored_config
from provisioner.redact import Secret

__all__ = [
    "change_one_provider",
    "list_all_providers",
    "make_provider",
    "remove_one_provider",
    "show_provider",
]

_INVALID = "Request body has invalid values."


def list_all_providers(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the providers of the configuration, then with those that were set up."""
    _for_admins(call)
    stored: Iterator[object] = map(_document, read_providers(plain(connection)))
    return ApiAnswer([*map(dict, call.providers), *stored])


def show_provider(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with one provider, found by its id or name."""
    _for_admins(call)
    wanted = call.path["provider"]
    for provider in call.providers:
        if wanted in {provider["id"], provider["name"]}:
            return ApiAnswer(dict(provider))
    return ApiAnswer(_document(_stored(connection, call)))


def make_provider(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Set a provider up; all gateways serve it within a second."""
    _for_admins(call)
    _may_store(call)
    body = checked(NewProvider, call.body)
    config = provider_config(body.model_dump())
    take_turn(plain(connection), Turn.PROVIDERS)
    taken = {provider["name"] for provider in call.providers}
    if body.name in taken or any(
        body.name == one.name for one in read_providers(plain(connection))
    ):
        taken_name = {"name": "this value is already in use and should be unique"}
        problem = f'A provider with name "{body.name}" already exists.'
        raise ApiError(409, problem, validations=taken_name)
    now, provider_id = _now(), str(uuid.uuid4())
    keys = [KeyBody(api_key=key) for key in body.api_keys]
    provider = StoredProvider(
        id=provider_id,
        name=body.name,
        type=config.type,
        upstream=config.upstream,
        display_name=body.display_name,
        icon=body.icon,
        base_url=config.base_url,
        enabled=config.enabled,
        api_keys=_keys(call, provider_id, keys, (), now),
        created_at=now,
        updated_at=now,
    )
    add_provider(plain(connection), provider)
    return ApiAnswer(_document(provider), 201, providers_changed=True)


def change_one_provider(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Change what the body names; requests that run go on as they began."""
    _for_admins(call)
    _may_store(call)
    take_turn(plain(connection), Turn.PROVIDERS)
    old = _changeable(connection, call)
    body = checked(ProviderChange, call.body)
    said = body.model_dump(exclude_none=True)
    if not said:
        raise bad_request("Request body must name at least one field to change.")
    for name in ("name", "type"):
        if said.pop(name, getattr(old, name)) != getattr(old, name):
            problem = "cannot be changed; set up another provider"
            raise bad_request(_INVALID, **{name: problem})
    stays: dict[str, object] = {
        "name": old.name,
        "type": old.type,
        "enabled": old.enabled,
        "base_url": old.base_url,
        "upstream": old.upstream,
        "api_keys": old.api_keys,
    }
    config = provider_config(stays | said)
    now, keys = max(_now(), old.updated_at + 1), old.api_keys
    if body.api_keys is not None:
        keys = _keys(call, old.id, body.api_keys, keys, now)
    shown = {name: said[name] for name in ("display_name", "icon") if name in said}
    provider = replace(
        old,
        **shown,
        upstream=config.upstream,
        base_url=config.base_url,
        enabled=config.enabled,
        api_keys=keys,
        updated_at=now,
    )
    change_provider(plain(connection), provider)
    return ApiAnswer(_document(provider), providers_changed=True)


def remove_one_provider(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Forget a provider; requests that run go on."""
    _for_admins(call)
    take_turn(plain(connection), Turn.PROVIDERS)
    remove_provider(plain(connection), _changeable(connection, call).id)
    return ApiAnswer(None, 204, providers_changed=True)


def _for_admins(call: ApiCall) -> None:
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may see and change its providers.")


def _may_store(call: ApiCall) -> None:
    if call.seal is None:
        raise ApiError(409, "This gateway serves the providers of its configuration alone.")


def _seal(call: ApiCall) -> KeySeal:
    if call.seal is None:
        raise ApiError(409, "This gateway cannot store keys.")
    try:
        return call.seal()
    except ProvisionerError as error:
        raise ApiError(409, "The keys of a provider cannot be stored.", str(error)) from error


def _stored(connection: Connection, call: ApiCall) -> StoredProvider:
    for provider in read_providers(plain(connection)):
        if call.path["provider"] in {provider.id, provider.name}:
            return provider
    raise ApiError(404, "Resource not found or you do not have access to this resource")


def _changeable(connection: Connection, call: ApiCall) -> StoredProvider:
    """Return the provider of the path, unless only the configuration may say what it is."""
    wanted = call.path["provider"]
    if any(wanted in {provider["id"], provider["name"]} for provider in call.providers):
        raise ApiError(
            409,
            f'The provider "{wanted}" is one of the configuration.',
            "change it in the configuration file and start the gateway again",
        )
    return _stored(connection, call)


def _keys(
    call: ApiCall,
    provider_id: str,
    wanted: Sequence[KeyBody],
    old: Sequence[StoredKey],
    now: int,
) -> tuple[StoredKey, ...]:
    """Return the keys that a provider is to have, in their order; new ones are sealed."""
    there = {key.id: key for key in old}
    keys: list[StoredKey] = []
    for number, entry in enumerate(wanted):
        if entry.api_key is not None:
            keys.append(_sealed(_seal(call), provider_id, Secret(entry.api_key), now))
        elif entry.id in there:
            keys.append(there.pop(entry.id))
        else:
            problem = {
                f"api_keys[{number}].id": "the provider has no such key, or it is named twice"
            }
            raise bad_request(_INVALID, **problem)
    new = [entry.api_key for entry in wanted if entry.api_key is not None]
    if len(set(new)) < len(new):
        raise bad_request(_INVALID, api_keys="a key stands there twice")
    return tuple(keys)


def _sealed(seal: KeySeal, provider_id: str, key: Secret, now: int) -> StoredKey:
    key_id = str(uuid.uuid4())
    return StoredKey(key_id, key.hint, seal.seal(f"{provider_id}/{key_id}", key), now)


def _document(provider: StoredProvider) -> Document:
    return stored_document(provider, stored_config(provider))


def _now() -> int:
    return time.time_ns() // 1_000
