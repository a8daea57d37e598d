"""The one place that says what is checked, in which order, and what it cost in the end."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.gateway.policy.judged import Asked, Candidate, Check, CostWatch, Judged
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices, spending
from provisioner.gateway.record.model import Spent, TokenUsage

__all__ = ["PolicyEngine"]


class PolicyEngine:
    """Judges requests; a gateway without any policy has no checks and pays nothing."""

    def __init__(
        self,
        checks: Sequence[Check] = (),
        *,
        ledger: Ledger | None = None,
        prices: Prices | None = None,
        counts_all: bool = False,
        watch: CostWatch | None = None,
    ) -> None:
        """Run `checks` in their order; those that count do it in `ledger`, money by `prices`.

        With `counts_all` nothing may be asked at the gateway's expense without being counted.
        `watch` hears of usage without a price.
        """
        self.counts_all = counts_all
        self._watch = watch
        self._checks = tuple(checks)
        self._ledger = ledger
        self._prices = prices

    async def judge(self, asked: Asked) -> Judged:
        """Return what is to be done with `asked`; raises `DeniedError`.

        What it holds in budgets is let go of by `settle`.
        """
        judged = Judged(asked)
        if asked.provider is not None:
            judged.candidates = (Candidate(asked.provider, asked.model),)
        try:
            for check in self._checks:
                await check.judge(judged)
        except BaseException:
            # What one check holds is nothing to a request that the next one refuses.
            self.settle(judged, None)
            raise
        return judged

    def settle(
        self,
        judged: Judged,
        answered: Candidate | None,
        usage: Sequence[TokenUsage] = (),
        *,
        is_answer: bool = False,
        is_whole: bool = True,
    ) -> None:
        """Book what `judged` cost in the end; nothing if nobody answered.

        What an answer cost that is not whole, or does not tell, nobody knows: that is taken to be
        what was reserved for it, if not more.
        """
        if judged.steps is not None and answered is not None:
            judged.steps.used(answered, sum(map(_tokens, usage)))
        if answered is not None and usage:
            self._look_for_price(answered, len(usage))
        if not judged.held or self._ledger is None or self._prices is None:
            return
        spent = Spent("", {})
        if answered is not None:
            name, model = answered.provider.name, self._prices.name_of(answered)
            spent = spending(
                self._prices,
                name,
                model,
                usage,
                answered=is_answer,
                at_least_reserved=is_answer and not (usage and is_whole),
            )
        self._ledger.settle(judged.asked.id, spent)

    def _look_for_price(self, answered: Candidate, count: int) -> None:
        if self._watch is None or self._prices is None:
            return
        if self._prices.has(self._prices.name_of(answered)):
            return
        self._watch.unpriced(answered.provider, answered.model, count)

    async def close(self) -> None:
        """Write what was booked."""
        if self._ledger is not None:
            await self._ledger.close()


def _tokens(usage: TokenUsage) -> int:
    return max(usage.total, usage.input + usage.cache_read + usage.output)
