"""Keys of providers that cool down, in all gateways on one database."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from provisioner.gateway.key_pool import Key, KeyPool
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.key_pauses import KeyPause, pause_key
from provisioner.gateway.shared_name import shared_name
from provisioner.gateway.telling import Telling

__all__ = ["SharedKeys"]

# A restart of all gateways does not end what is told: an upstream may say "in a hundred days".
_LONGEST_SECONDS = 3600.0


class SharedKeys:
    """Tells the others of keys that cool down here, and the pools here of those elsewhere."""

    def __init__(self, database: Database) -> None:
        """Tell them through `database`."""
        self._database = database
        self._keys: dict[str, tuple[KeyPool, Key]] = {}
        self._names: dict[int, str] = {}
        self._telling = Telling()

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._keys)

    def add(self, provider: str, pool: KeyPool) -> None:
        """Look after the keys of a provider, under the name it has in all gateways."""
        for key in pool.keys:
            # A hash cannot be turned back into a key, which is long and random.
            name = shared_name("key", provider, key.secret.reveal())
            self._keys[name] = pool, key
            self._names[id(key)] = name
        pool.told = self._tell

    def learn(self, pauses: Iterable[KeyPause]) -> None:
        """Leave those alone that others found to be refused."""
        for pause in pauses:
            if pause.subject in self._keys:
                pool, key = self._keys[pause.subject]
                pool.pause(key, pause.seconds, limited=pause.limited)

    async def told(self) -> None:
        """Wait a while until the others can know all."""
        await self._telling.told()

    def _tell(self, key: Key, seconds: float) -> None:
        pause = KeyPause(self._names[id(key)], min(seconds, _LONGEST_SECONDS), key.limited)
        self._telling.tell(lambda: self._database.write_async(partial(pause_key, pause=pause)))
