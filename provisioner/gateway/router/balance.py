"""A model's name in, the credentials that are asked for it out, in their order.

The alias first; then the credentials of the model that speak the API, in turn, those left out that
are banned or have no room; others of the same type for retries; those for the last resort at the
end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Candidate, Judged
from provisioner.gateway.router.state import RouterState, Served

__all__ = ["RouterCheck"]

# What the router's page on retries lists; a request that is wrong is wrong everywhere.
_UNREACHABLE = 502
_RETRIED = frozenset({401, 403, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class _Steps:
    """The attempts of one request, `name` being what limits and bans are kept by."""

    state: RouterState
    name: str

    def goes_on(self, status: int) -> bool:
        return status in _RETRIED

    def begin(self, candidate: Candidate) -> bool:
        credential = candidate.provider.name
        is_banned = self.state.bans.holds(credential, self.name)
        return not is_banned and self.state.limits.take(credential, self.name)

    def end(self, candidate: Candidate, status: int | None) -> None:
        # Nobody there is as bad as a proxy that says so.
        self.state.bans.saw(candidate.provider.name, self.name, status or _UNREACHABLE)

    def undo(self, candidate: Candidate) -> None:
        self.state.limits.give_back(candidate.provider.name, self.name)

    def used(self, candidate: Candidate, tokens: int) -> None:
        self.state.limits.spend(candidate.provider.name, self.name, tokens)


class RouterCheck:
    """Chooses credentials, one after the other."""

    def __init__(self, state: RouterState) -> None:
        """Choose among those of `state`."""
        self._state = state
        self._turns: Counter[str] = Counter()

    async def judge(self, judged: Judged) -> None:
        """Set the candidates, the first of which is counted already; raises `DeniedError`."""
        asked = judged.asked.model
        if not asked:
            raise DeniedError(Denial(Reason.MISSING_MODEL, "model field is required"))
        name = self._state.config.aliases.get(asked, asked)
        serving = self._state.serving(name)
        if serving is None:
            message, meta = f"Model {name[:200]} not found", {"model": name}
            raise DeniedError(Denial(Reason.MODEL_NOT_RECOGNIZED, message, meta))
        serving = _speaking(serving, judged.asked.api, name)
        judged.steps = steps = _Steps(self._state, name)
        primary = self._in_turn([one for one in serving if not one.credential.is_fallback])
        last = self._in_turn([one for one in serving if one.credential.is_fallback])
        for number, served in enumerate((*primary, *last)):
            if steps.begin(_candidate(served)):
                judged.candidates = tuple(self._after(served, number, primary, last))
                judged.attempts = len(judged.candidates)
                return
        raise DeniedError(self._nobody(name, serving))

    def _after(
        self, first: Served, number: int, primary: list[Served], last: list[Served]
    ) -> Iterable[Candidate]:
        """Yield `first`, the others of its type as often as is allowed, then the last resort."""
        yield _candidate(first)
        rest = primary[number + 1 :] + primary[:number] if number < len(primary) else []
        same = [one for one in rest if one.credential.type == first.credential.type]
        for served in same[: self._state.config.max_provider_retries]:
            yield _candidate(served)
        for served in last:
            if served is not first:
                yield _candidate(served)

    def _in_turn(self, serving: list[Served]) -> list[Served]:
        """Return `serving` from the next one on; each type has its turn, mixed ones share one."""
        if len(serving) < 2:
            return serving
        types = {served.credential.type for served in serving}
        whose = types.pop() if len(types) == 1 else ""
        start = self._turns[whose] % len(serving)
        self._turns[whose] += 1
        return [*serving[start:], *serving[:start]]

    def _nobody(self, name: str, serving: list[Served]) -> Denial:
        banned = [self._state.bans.holds(one.credential.name, name) for one in serving]
        if serving and not all(banned):
            return Denial(Reason.RATE_LIMITED, "Rate limit exceeded")
        message = f"No credentials available for model {name[:200]}"
        return Denial(Reason.NO_PROVIDER, message)


def _candidate(served: Served) -> Candidate:
    return Candidate(served.provider, served.model.model)


def _speaking(serving: list[Served], api: str, name: str) -> list[Served]:
    speaking = [served for served in serving if served.provider.speaks(api)]
    if serving and not speaking:
        message = f"Model {name[:200]} not found: no credential of it is asked through {api}"
        raise DeniedError(Denial(Reason.MODEL_NOT_RECOGNIZED, message, {"model": name}))
    return speaking
