"""Auth modes: who pays for a request, whether they may, and whether anything is left of it.

What the access file decides is in `provisioner.access`; here it meets a request, and what was spent
meets the accounts that all gateways share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from provisioner.access.auth_mode import AuthMode
from provisioner.access.denial import Denial as AccessDenial
from provisioner.access.enforce import Enforced
from provisioner.access.model import Removal
from provisioner.access.pool import Cap
from provisioner.access.steps.caps import cap_words
from provisioner.access.steps.shared import quota_words
from provisioner.gateway.access_config import AccessConfig
from provisioner.gateway.policy.budget_config import Unit
from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Asked, Candidate, Judged
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices, estimate
from provisioner.gateway.policy.windows import Window, seconds_left, stored_start
from provisioner.gateway.record.access_ledger import monthly, quota_of, spent_in
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import AccountKey, Hold, Reservation

__all__ = ["AccessCheck"]

_MICRO = 1_000_000
_PAID = frozenset({AuthMode.METERED, AuthMode.SHARED})


@dataclass(frozen=True, slots=True)
class _Limit:
    """What is counted in a window; without `dollars` it is only written down."""

    account: str
    window: Window
    dollars: Decimal | None = None
    code: AccessDenial = AccessDenial.CAPACITY_CAP_EXCEEDED
    words: str = ""


class AccessCheck:
    """Holds requests to an access file, and books what the organization pays."""

    def __init__(
        self,
        enforced: Enforced,
        config: AccessConfig,
        ledger: Ledger,
        prices: Prices,
        *,
        reserve_output_tokens: int,
    ) -> None:
        """Keep `enforced`; the length of an answer is taken as `reserve_output_tokens` before."""
        self._enforced = enforced
        self._config = config
        self._ledger = ledger
        self._prices = prices
        self._output = reserve_output_tokens

    async def judge(self, judged: Judged) -> None:
        """Leave the candidates that may be asked; raises `DeniedError` where none may.

        One request is paid in one way, that of its first candidate: nobody else takes over what it
        is refused.
        """
        asked, first = judged.asked, judged.candidates[0]
        mode = self._mode(asked, first)
        foreign = self._foreign(mode, asked)
        if foreign is not None:
            raise DeniedError(_denial(mode, foreign))
        rulings = {
            candidate: self._enforced.ruling(mode, candidate.model, self._project(asked))
            for candidate in judged.candidates
            if self._mode(asked, candidate) is mode
        }
        left = [candidate for candidate, ruling in rulings.items() if ruling.removal is None]
        judged.leave(left)
        if not judged.candidates:
            refused = next(one.removal for one in rulings.values() if one.removal is not None)
            raise DeniedError(_denial(mode, refused))
        judged.auth_mode = mode.value
        if mode in _PAID:
            caps = dict.fromkeys(cap for one in judged.candidates for cap in rulings[one].caps)
            await self._reserve(judged, mode, tuple(self._limits(mode, caps)))

    def _mode(self, asked: Asked, candidate: Candidate) -> AuthMode:
        """Return who pays: a credential of the user's own says so by itself."""
        provider = candidate.provider
        if asked.is_personal:
            return AuthMode.HOST_SESSION if provider.kind.is_personal else AuthMode.BYOK
        return AuthMode(self._config.modes.get(provider.name, self._config.mode))

    def _foreign(self, mode: AuthMode, asked: Asked) -> Removal | None:
        """Return why the key of another organization may not be paid for by this one."""
        own, policy = self._enforced.access.organization.name, asked.actor.policy
        whose = policy.scopes.organization if policy is not None else ""
        if mode not in _PAID or not own or whose in ("", own):
            return None
        is_metered = mode is AuthMode.METERED
        code = AccessDenial.METERED_NOT_ENTITLED if is_metered else AccessDenial.ACCESS_DENIED
        return Removal(mode, code, f"Organisation is not entitled to use {mode} auth mode")

    def _project(self, asked: Asked) -> str:
        policy = asked.actor.policy
        return (policy.scopes.project if policy is not None else "") or self._config.project

    def _limits(self, mode: AuthMode, caps: Iterable[Cap]) -> Iterator[_Limit]:
        quota = self._enforced.access.organization.shared_daily
        if mode is AuthMode.SHARED and quota is not None:
            code = AccessDenial.SHARED_QUOTA_EXCEEDED
            yield _Limit(quota_of(mode), Window.DAY, quota, code, quota_words(quota))
        for cap in caps:
            pool, words = cap.provider, cap_words(cap)
            if cap.daily is not None:
                yield _Limit(spent_in(mode, pool), Window.DAY, cap.daily, words=words)
            if cap.monthly is not None:
                yield _Limit(monthly(mode, pool), Window.MONTH, cap.monthly, words=words)
        yield _Limit(spent_in(mode, self._enforced.place.pool), Window.DAY)

    async def _reserve(self, judged: Judged, mode: AuthMode, limits: tuple[_Limit, ...]) -> None:
        asked = judged.asked
        wanted = self._prices.name_of(judged.candidates[0])
        amount = estimate(self._prices, wanted, asked.size, self._output)[Unit.USD]
        organization = self._enforced.access.organization.name
        holds: dict[Hold, _Limit] = {}
        for limit in limits:
            start = stored_start(limit.window, asked.at)
            account = AccountKey(limit.account, organization, start)
            if any(hold.account == account for hold in holds):
                # A cap for the day counts where everything is written down.
                continue
            blocks = limit.dollars is not None
            most = int((limit.dollars or 0) * _MICRO)
            holds[Hold(account, Unit.USD.value, amount, most, blocks)] = limit
        # Before it is known: whoever leaves meanwhile may leave something reserved.
        held, judged.held = judged.held, True
        try:
            reserved = await self._ledger.reserve(Reservation(asked.id, tuple(holds), (), "access"))
        except DatabaseAwayError as error:
            message = "what was spent cannot be checked now"
            denial = Denial(Reason.POLICY_UNAVAILABLE, message, _meta(mode))
            raise DeniedError(denial) from error
        if reserved.refused is not None:
            judged.held = held
            limit = holds[reserved.refused]
            removal = Removal(mode, limit.code, limit.words)
            raise DeniedError(
                _denial(mode, removal, retry_after=seconds_left(limit.window, asked.at))
            )


def _denial(mode: AuthMode, removal: Removal, *, retry_after: int = 0) -> Denial:
    reason = Reason(removal.code.value)
    message = f"{removal.code.value}: {removal.reason}"
    return Denial(reason, message, _meta(mode), retry_after=retry_after)


def _meta(mode: AuthMode) -> Mapping[str, str]:
    return {"auth_mode": mode.value}
