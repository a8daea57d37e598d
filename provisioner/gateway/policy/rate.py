"""How many requests a key has in a minute and in a day, and tokens in a minute."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.gateway.policy.budget_config import Unit
from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Judged
from provisioner.gateway.policy.key_policy import RateLimits
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.windows import Window, seconds_left, stored_start
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import RATE_PREFIX, AccountKey, Hold, Reservation

__all__ = ["RateCheck"]

_WINDOWS = {"rpm": Window.MINUTE, "rpd": Window.DAY}


class RateCheck:
    """Counts the requests of a key over all gateways, in windows that do not slide.

    A request that one rate refuses does not count for the other.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Count in `ledger`; while its database is away nothing is refused."""
        self._ledger = ledger

    async def judge(self, judged: Judged) -> None:
        """Count the request; raises `DeniedError` when there have been too many."""
        asked = judged.asked
        policy = asked.actor.policy
        if policy is None:
            return
        holds = tuple(_holds(judged, policy.rate_limits))
        if not holds:
            return
        try:
            reserved = await self._ledger.reserve(Reservation(asked.id, holds, (), "rates"))
        except DatabaseAwayError:
            return
        if reserved.refused is not None:
            raise DeniedError(_denial(judged, reserved.refused))


def _holds(judged: Judged, limits: RateLimits) -> Iterator[Hold]:
    asked = judged.asked
    for dimension, window in _WINDOWS.items():
        limit = getattr(limits, dimension)
        if limit is not None:
            start = stored_start(window, asked.at)
            account = AccountKey(f"{RATE_PREFIX}{dimension}", asked.actor.token_id, start)
            yield Hold(account, Unit.REQUESTS.value, 1, limit, blocks=True, books=True)


def _denial(judged: Judged, hold: Hold) -> Denial:
    dimension = hold.account.budget.removeprefix(RATE_PREFIX)
    window = _WINDOWS[dimension]
    return Denial(
        Reason.RATE_LIMITED,
        f"Rate limit exceeded: {hold.limit} requests a {window.value}",
        {"dimension": dimension},
        retry_after=seconds_left(window, judged.asked.at),
    )
