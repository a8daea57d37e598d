"""The router's fail2ban: a credential that fails for a model is left alone for that model.

Only statuses that are listed count, any good answer starts again. A status with a rule of its own
is counted by itself. What is known is of one process, unless somebody tells the others.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from provisioner.gateway.shared_name import shared_name
from provisioner.router_file.model import BanRule, RouterConfig

__all__ = ["BanState", "Bans"]

_OTHERS = 0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BanState:
    """What is known of a credential and model: failures by what counts them, seconds of a ban."""

    failures: Mapping[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether there is nothing to know."""
        return not self.failures and not self.seconds


_GOOD = BanState()


class Bans:
    """What is known of each credential and model."""

    def __init__(self, config: RouterConfig, clock: Callable[[], float] = time.monotonic) -> None:
        """Go by the rules of `config`; `clock` tells seconds."""
        self._config = config
        self._clock = clock
        self._pairs: dict[str, tuple[Mapping[int, int], float]] = {}
        self.told: Callable[[str, str, int], None] | None = None
        """Is told of each pair to which an answer made a difference, its credential and status."""

    def holds(self, credential: str, model: str) -> bool:
        """Say whether the pair is banned now; a ban that is over leaves nothing behind."""
        return self._state(_pair(credential, model)).seconds > 0

    def saw(self, credential: str, model: str, status: int) -> None:
        """Count an answer."""
        pair = _pair(credential, model)
        before = self._state(pair)
        after = self.after(before, status)
        if after is before:
            return
        self.counted(pair, credential, status, after)
        if self.told is not None:
            self.told(pair, credential, status)

    def counted(self, pair: str, credential: str, status: int, state: BanState) -> None:
        """Take over the `state` that an answer led to; a ban that begins with it is logged."""
        begins = state.seconds and not self._state(pair).seconds
        self.learn(pair, state)
        if begins:
            how = f"for {state.seconds:g} seconds" if math.isfinite(state.seconds) else "for ever"
            _log.warning('credential "%s" is banned %s: status %d', credential, how, status)

    def after(self, state: BanState, status: int) -> BanState:
        """Return what `state` is after an answer with `status`: the same if that says nothing."""
        if 200 <= status < 300:
            return state if state.is_good else _GOOD
        if status not in self._config.ban_codes or state.seconds:
            return state
        rule = self._config.ban_rules.get(status)
        counted = _OTHERS if rule is None else status
        failures = {**state.failures, counted: state.failures.get(counted, 0) + 1}
        return BanState(failures, _seconds(rule or self._config.ban, failures[counted]))

    def learn(self, pair: str, state: BanState) -> None:
        """Take over what is known of `pair`, here or elsewhere."""
        if state.is_good:
            self._pairs.pop(pair, None)
        else:
            until = self._clock() + state.seconds if state.seconds else 0.0
            self._pairs[pair] = state.failures, until

    def _state(self, pair: str) -> BanState:
        failures, until = self._pairs.get(pair, ({}, 0.0))
        if until and until <= self._clock():
            del self._pairs[pair]
            return _GOOD
        return BanState(failures, until - self._clock() if until else 0.0)


def _pair(credential: str, model: str) -> str:
    return shared_name("ban", credential, model)


def _seconds(rule: BanRule, failures: int) -> float:
    return rule.seconds if failures >= rule.max_attempts else 0.0
