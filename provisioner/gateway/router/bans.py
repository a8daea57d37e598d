"""The router's fail2ban: a credential that fails for a model is left alone for that model.

Only statuses that are listed count, any good answer starts again. A status with a rule of its own
is counted by itself. What is known is of one process.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from provisioner.router_file.model import BanRule, RouterConfig

__all__ = ["Bans"]

_OTHERS = 0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pair:
    failures: Counter[int] = field(default_factory=Counter)
    until: float = 0.0


class Bans:
    """What is known of each credential and model."""

    def __init__(self, config: RouterConfig, clock: Callable[[], float] = time.monotonic) -> None:
        """Go by the rules of `config`; `clock` tells seconds."""
        self._config = config
        self._clock = clock
        self._pairs: dict[tuple[str, str], _Pair] = {}

    def holds(self, credential: str, model: str) -> bool:
        """Say whether the pair is banned now; a ban that is over leaves nothing behind."""
        pair = self._pairs.get((credential, model))
        if pair is None or not pair.until:
            return False
        if self._clock() < pair.until:
            return True
        del self._pairs[credential, model]
        return False

    def saw(self, credential: str, model: str, status: int) -> None:
        """Count an answer."""
        key = credential, model
        if 200 <= status < 300:
            self._pairs.pop(key, None)
        elif status in self._config.ban_codes and not self.holds(credential, model):
            rule = self._config.ban_rules.get(status)
            counted = _OTHERS if rule is None else status
            rule = rule or self._config.ban
            pair = self._pairs.setdefault(key, _Pair())
            pair.failures[counted] += 1
            if pair.failures[counted] >= rule.max_attempts:
                self._ban(key, pair, rule, status)

    def _ban(self, key: tuple[str, str], pair: _Pair, rule: BanRule, status: int) -> None:
        pair.until = self._clock() + rule.seconds
        how_long = "for ever" if math.isinf(rule.seconds) else f"for {rule.seconds:g} seconds"
        _log.warning('credential "%s" is banned %s: status %d', key[0], how_long, status)
