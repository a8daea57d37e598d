"""The limits of all gateways on one database: asked of it for many requests at once.

Whoever asks while a transaction runs is in the next one. A place that a request gives back is kept
for a moment: the next request may have it without asking.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from provisioner.gateway.limits import Verdict
from provisioner.gateway.record.admission import LEASE_SECONDS, Admission, count_together
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.leases import let_go

__all__ = ["SharedLimits"]

_BEAT_SECONDS = 1.0
_KEPT_SECONDS = 0.05
# What another gateway gave back may be on its way to the database.
_SECOND_TRY_SECONDS = 0.1
# Beyond this a request does not wait for the database.
_PATIENCE_SECONDS = 3.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ask:
    subject: str
    verdict: asyncio.Future[Verdict]


class SharedLimits:
    """Counts requests with the other gateways; use it on one event loop.

    While the database is away everything is served: what this process counts alone still holds.
    """

    def __init__(self, database: Database, admission: Admission) -> None:
        """Share out what `admission` says through `database`."""
        self._database = database
        self._admission = admission
        self._running = 0
        self._held = 0
        self._holds_until = 0.0
        self._asks: list[_Ask] = []
        self._is_due = False
        self._is_away = False
        self._is_untidy = False
        self._was_asked = False
        self._flying: asyncio.Task[None] | None = None
        self._giving_back: asyncio.TimerHandle | None = None
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to hold on to what is held; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Give everything back."""
        if self._beating is not None:
            self._beating.cancel()
        if self._giving_back is not None:
            self._giving_back.cancel()
        if self._flying is not None:
            await asyncio.wait((self._flying,), timeout=_PATIENCE_SECONDS)
        identity = self._admission.identity.id
        with suppress(DatabaseAwayError):
            await self._database.write_async(lambda connection: let_go(connection, identity))

    async def enter(self, subject: str) -> Verdict:
        """Say what becomes of a request that `subject` makes; `leave` when one that is served ends.

        `subject` has at most 64 characters.
        """
        if self._has_place():
            self._running += 1
            return Verdict.SERVED
        verdict = await self._asked(subject)
        if verdict is Verdict.FULL:
            await asyncio.sleep(_SECOND_TRY_SECONDS)
            verdict = await self._asked(subject)
        return verdict

    def leave(self) -> None:
        """Count one request less."""
        self._running -= 1
        if self._admission.max_concurrency and self._giving_back is None:
            self._giving_back = self._loop.call_later(_KEPT_SECONDS, self._give_back)

    def _has_place(self) -> bool:
        if self._admission.rate_limit:
            return False
        return self._running < self._held and self._loop.time() < self._holds_until

    async def _asked(self, subject: str) -> Verdict:
        if self._is_away:
            self._running += 1
            return Verdict.SERVED
        ask = _Ask(subject, self._loop.create_future())
        self._asks.append(ask)
        self._was_asked = True
        self._fly()
        try:
            await asyncio.wait((ask.verdict,), timeout=_PATIENCE_SECONDS)
        except asyncio.CancelledError:
            if ask.verdict.done() and ask.verdict.result() is Verdict.SERVED:
                self.leave()
            ask.verdict.cancel()
            raise
        if not ask.verdict.done():
            ask.verdict.cancel()
            self._went("it does not answer")
            self._running += 1
            return Verdict.SERVED
        return ask.verdict.result()

    def _give_back(self) -> None:
        self._giving_back = None
        if self._running != self._held:
            self._tell()

    def _tell(self) -> None:
        self._is_due = True
        self._fly()

    def _fly(self) -> None:
        if self._flying is None or self._flying.done():
            self._flying = asyncio.create_task(self._flights())

    async def _flights(self) -> None:
        while self._asks or self._is_due:
            asks, self._asks = self._asks, []
            self._is_due = False
            try:
                verdicts = await self._flight([ask.subject for ask in asks])
            except DatabaseAwayError as error:
                self._went(str(error))
                verdicts = [Verdict.SERVED] * len(asks)
            except Exception as error:  # noqa: BLE001 - requests are waiting for an answer
                self._went(type(error).__name__)
                verdicts = [Verdict.SERVED] * len(asks)
            for ask, verdict in zip(asks, verdicts, strict=True):
                if ask.verdict.done():
                    # Whoever asked is gone, or was served without an answer.
                    self._is_due |= verdict is Verdict.SERVED
                    continue
                self._running += verdict is Verdict.SERVED
                ask.verdict.set_result(verdict)

    async def _flight(self, subjects: list[str]) -> list[Verdict]:
        running, began = self._running, self._loop.time()
        # Nobody may take a place that is being given back.
        self._held = 0
        tidy, self._is_untidy = self._is_untidy, False
        counted = partial(
            count_together,
            admission=self._admission,
            running=running,
            subjects=subjects,
            tidy=tidy,
        )
        verdicts = await self._database.write_async(counted)
        self._held = running + verdicts.count(Verdict.SERVED)
        self._holds_until = began + LEASE_SECONDS
        if self._is_away:
            self._is_away = False
            _log.warning("limits hold for all gateways on the database again")
        return verdicts

    def _went(self, reason: str) -> None:
        if not self._is_away:
            self._is_away = True
            _log.warning(
                "limits are counted by this process alone while the database is away: %s", reason
            )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            if self._held or self._running or self._is_away or self._was_asked:
                self._is_untidy, self._was_asked = True, False
                self._tell()
