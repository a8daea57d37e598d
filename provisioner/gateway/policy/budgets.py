"""Budgets: what may be spent by whom in which window, reserved before and booked after."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from provisioner.gateway.actor import Actor
from provisioner.gateway.json_parts import as_text
from provisioner.gateway.policy.budget_config import (
    Breach,
    BudgetConfig,
    BudgetScope,
    Unit,
    Unpriced,
)
from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Asked, BudgetWarning, CostWatch, Judged
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices, estimate
from provisioner.gateway.policy.windows import seconds_left, stored_start
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import AccountKey, Hold, Reservation

__all__ = ["BudgetCheck"]

_END_USER_HEADERS = ("X-LangWatch-End-User-Id", "X-LiteLLM-End-User-Id")
_EVERYBODY = "default"
_LONGEST_SUBJECT = 200
_SURROGATES = re.compile("[\ud800-\udfff]")


class BudgetCheck:
    """Reserves what a request may cost in every budget that it concerns."""

    def __init__(
        self,
        budgets: Sequence[BudgetConfig],
        ledger: Ledger,
        prices: Prices,
        *,
        reserve_output_tokens: int,
        watch: CostWatch | None = None,
    ) -> None:
        """Hold `budgets`; the length of an answer is taken as `reserve_output_tokens` before."""
        self._watch = watch
        self._budgets = {budget.name: budget for budget in budgets}
        self._kept = tuple(map(_kept, budgets))
        self._ledger = ledger
        self._prices = prices
        self._output = reserve_output_tokens

    async def judge(self, judged: Judged) -> None:
        """Reserve; raises `DeniedError` when a budget that blocks is spent."""
        holds = self._holds(judged)
        if not holds:
            return
        began, outcome = time.monotonic(), "error"
        try:
            await self._reserve(judged, holds)
            outcome = "allowed"
        except DeniedError as error:
            if error.denial.reason is Reason.BUDGET_EXCEEDED:
                outcome = "blocked"
            raise
        finally:
            if self._watch is not None:
                self._watch.enforced(outcome, time.monotonic() - began)

    async def _reserve(self, judged: Judged, holds: tuple[Hold, ...]) -> None:
        asked = judged.asked
        names = tuple(dict.fromkeys(candidate.provider.name for candidate in judged.candidates))
        # Before it is known: whoever leaves meanwhile may leave something reserved.
        held, judged.held = judged.held, True
        try:
            reserved = await self._ledger.reserve(Reservation(asked.id, holds, names, "budgets"))
        except DatabaseAwayError as error:
            message = "budgets cannot be checked now"
            raise DeniedError(Denial(Reason.POLICY_UNAVAILABLE, message)) from error
        if reserved.refused is not None:
            judged.held = held
            self._tell_blocked(reserved.refused)
            raise DeniedError(self._denial(reserved.refused, asked.at))
        if reserved.closed:
            self._leave_open(judged, holds, reserved.closed)
        judged.warnings += self._warnings(holds, reserved.levels)

    def _leave_open(self, judged: Judged, holds: tuple[Hold, ...], closed: frozenset[str]) -> None:
        judged.leave([c for c in judged.candidates if c.provider.name not in closed])
        if not judged.candidates:
            # Those who are open may not be asked now: what closed the others is what is wrong.
            closing = next(hold for hold in holds if hold.provider in closed)
            self._tell_blocked(closing)
            raise DeniedError(self._denial(closing, judged.asked.at))

    def _tell_blocked(self, hold: Hold) -> None:
        is_of_group = self._budgets[hold.account.budget].scope is BudgetScope.GROUP
        if self._watch is not None:
            self._watch.blocked(hold.account.subject.rpartition("/")[0] if is_of_group else "")

    def _holds(self, judged: Judged) -> tuple[Hold, ...]:
        asked, candidates = judged.asked, judged.candidates
        wanted = self._prices.name_of(candidates[0]) if candidates else asked.model
        amounts = estimate(self._prices, wanted, asked.size, self._output)
        holds = []
        for kept in self._kept:
            provider = kept.provider
            if provider and not any(each.provider.name == provider for each in candidates):
                continue
            if asked.is_personal and kept.is_money:
                # Nobody here pays for it.
                continue
            budget, unit = kept.budget, kept.unit
            start = stored_start(budget.window, asked.at)
            for subject in _subjects(budget, asked):
                if kept.needs_price:
                    self._need_price(budget, judged)
                account = AccountKey(budget.name, subject, start)
                holds.append(Hold(account, unit, amounts[unit], kept.limit, kept.blocks, provider))
        return tuple(holds)

    def _need_price(self, budget: BudgetConfig, judged: Judged) -> None:
        """Raise `DeniedError` where `budget` refuses what it could not count."""
        for candidate in judged.candidates:
            is_counted = budget.provider in ("", candidate.provider.name)
            if is_counted and not self._prices.has(self._prices.name_of(candidate)):
                message = (
                    f'{Reason.PRICE_UNKNOWN.value}: the budget "{budget.name}" cannot be kept: '
                    f'there is no price for "{candidate.model[:100]}"'
                )
                raise DeniedError(Denial(Reason.PRICE_UNKNOWN, message, {"budget_id": budget.name}))

    def _denial(self, hold: Hold, now: datetime) -> Denial:
        budget = self._budgets[hold.account.budget]
        meta = {
            "budget_id": budget.name,
            "budget_scope": budget.scope.value,
            "budget_window": budget.window.value,
        }
        if budget.limit_usd is not None:
            meta["limit_usd"] = str(budget.limit_usd)
        if budget.provider:
            meta["budget_provider"] = budget.provider
        return Denial(
            Reason.BUDGET_EXCEEDED,
            f"Budget exceeded for scope={budget.scope.value} window={budget.window.value}",
            meta,
            retry_after=seconds_left(budget.window, now),
        )

    def _warnings(self, holds: Sequence[Hold], levels: Sequence[int]) -> Iterator[BudgetWarning]:
        for hold, level in zip(holds, levels, strict=True):
            budget = self._budgets[hold.account.budget]
            percent = level * 100 // hold.limit
            if percent >= budget.warn_at_percent:
                yield BudgetWarning(budget.name, budget.scope.value, percent)


class _Kept(NamedTuple):
    """A budget with what each request asks of it."""

    budget: BudgetConfig
    unit: str
    is_money: bool
    limit: int
    blocks: bool
    needs_price: bool
    provider: str


def _kept(budget: BudgetConfig) -> _Kept:
    return _Kept(
        budget=budget,
        unit=budget.unit.value,
        is_money=budget.unit is Unit.USD,
        limit=budget.limit,
        blocks=budget.on_breach is Breach.BLOCK,
        needs_price=budget.unpriced is not Unpriced.ALLOW,
        provider=budget.provider,
    )


def _subjects(budget: BudgetConfig, asked: Asked) -> Sequence[str]:
    """Return whose accounts `budget` counts the request on."""
    actor, scope, wanted = asked.actor, budget.scope, budget.scope_id
    if scope is BudgetScope.GROUP:
        member = actor.id or actor.user
        groups = sorted(group for group in actor.groups if wanted in ("", group))
        return [f"{group}/{member}" for group in groups]
    subject = _end_user(asked) if scope is BudgetScope.ATTRIBUTED_USER else _scope_id(scope, actor)
    names = (subject, actor.user) if scope is BudgetScope.PRINCIPAL else (subject,)
    return (subject,) if subject and (not wanted or wanted in names) else ()


def _scope_id(scope: BudgetScope, actor: Actor) -> str:
    scopes = actor.policy.scopes if actor.policy is not None else None
    if scope is BudgetScope.PRINCIPAL:
        return actor.id or actor.user
    if scope is BudgetScope.VIRTUAL_KEY:
        return actor.token_id
    if scope is BudgetScope.ORGANIZATION:
        return (scopes.organization if scopes else "") or _EVERYBODY
    if scopes is None:
        return ""
    return scopes.team if scope is BudgetScope.TEAM else scopes.project


def _end_user(asked: Asked) -> str:
    headers = (asked.headers.get(name, "").strip() for name in _END_USER_HEADERS)
    named = next((name for name in headers if name), "") or as_text(asked.document.get("user"))
    if not named:
        raise DeniedError(
            Denial(
                Reason.END_USER_REQUIRED,
                "a budget for each end user holds here: name the user in the header "
                f"{_END_USER_HEADERS[0]} or in the field user",
            )
        )
    return _storable(named)[:_LONGEST_SUBJECT]


def _storable(named: str) -> str:
    """Return `named`, or a hash of what no database keeps: NUL and halves of surrogate pairs."""
    if "\0" not in named and not _SURROGATES.search(named):
        return named
    return hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()
