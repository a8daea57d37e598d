"""Serves the providers that admins set up: whatever the database says, within half a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from provisioner.errors import ProvisionerError
from provisioner.gateway.key_seal import PROVIDER_SECRET, KeySeal
from provisioner.gateway.provider_config import ProviderConfig
from provisioner.gateway.providers import Provider
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.providers import (
    StoredProvider,
    provider_marks,
    read_providers,
)
from provisioner.redact import Secret

__all__ = ["StoredProviders", "stored_config"]

_LOOK_SECONDS = 0.5

_log = logging.getLogger(__name__)

Build = Callable[[ProviderConfig, Sequence[Secret]], Provider]


def stored_config(provider: StoredProvider) -> ProviderConfig:
    """Return what `provider` is served as; raises `ValueError` when this release cannot."""
    address = {"base_url": provider.base_url} if provider.base_url else {}
    return ProviderConfig.model_validate(
        {
            "name": provider.name,
            "type": provider.type,
            "upstream": provider.upstream,
            "enabled": provider.enabled,
            **address,
        }
    )


class StoredProviders:
    """Keeps what is served as the database has it; use it on one event loop."""

    def __init__(
        self,
        database: Database,
        served: dict[str, Provider],
        build: Build,
        secret: Callable[[], Secret],
        changed: Callable[[Iterable[Provider], int], None],
    ) -> None:
        """Put providers, made by `build`, into `served`, next to the configured ones there.

        `secret` seals keys. `changed` is told of all that are served, and how many are not.
        """
        self._database = database
        self._served = served
        self._configured = frozenset(served)
        self._build = build
        self._secret = secret
        self._changed = changed
        self._marks: Mapping[str, int] = {}
        # Those that are served by now, with what they were made of.
        self._made: dict[str, StoredProvider] = {}
        self._turn = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    def seal(self) -> KeySeal:
        """Return what seals keys; raises `ProvisionerError` when there is no secret for that."""
        return self._seal

    @cached_property
    def _seal(self) -> KeySeal:
        return KeySeal(self._secret())

    async def start(self) -> None:
        """Serve what there is, and go on looking; call it on the event loop."""
        await self.look()
        self._looking = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def look(self) -> None:
        """Serve what is new; a database that is away is asked again later."""
        try:
            await self._look()
        except DatabaseAwayError:
            pass
        except Exception as error:  # noqa: BLE001 - the next look may do better
            _log.error("cannot read the providers in the database: %s", type(error).__name__)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look()

    async def _look(self) -> None:
        async with self._turn:
            marks, found = await self._database.read_plain_async(self._read)
            if marks != self._marks:
                self._marks = marks
                self._serve({provider.name: provider for provider in found})

    def _read(self, connection: Plain) -> tuple[Mapping[str, int], Iterable[StoredProvider]]:
        marks = provider_marks(connection)
        return marks, read_providers(connection) if marks != self._marks else ()

    def _serve(self, found: Mapping[str, StoredProvider]) -> None:
        for name in [name for name in self._made if name not in found]:
            del self._made[name], self._served[name]
        wanted = [entry for entry in found.values() if entry != self._made.get(entry.name)]
        left_out = [entry for entry in wanted if not self._take(entry)]
        self._changed(self._served.values(), len(left_out))

    def _take(self, wanted: StoredProvider) -> bool:
        """Serve `wanted` from now on, and say whether that was done."""
        name = wanted.name
        if name in self._configured:
            text = 'the provider "%s" of the database is not served: the configuration has another'
            _log.warning(text, name)
            return False
        try:
            made = self._build(stored_config(wanted), tuple(self._keys(wanted)))
        except (ProvisionerError, ValueError) as error:
            _log.error('the provider "%s" of the database cannot be served: %s', name, error)
            self._served.pop(name, None)
            self._made.pop(name, None)
            return False
        self._served[name], self._made[name] = made, wanted
        return True

    def _keys(self, provider: StoredProvider) -> Iterator[Secret]:
        for key in provider.api_keys:
            opened = self._seal.open(f"{provider.id}/{key.id}", key.sealed)
            if opened is None:
                variable = PROVIDER_SECRET.variable
                raise ValueError(f"its keys were stored with another secret; set {variable} to it")
            yield opened
