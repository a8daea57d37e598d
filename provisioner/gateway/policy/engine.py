"""The one place that says what is checked, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.gateway.policy.judged import Asked, Candidate, Check, Judged

__all__ = ["PolicyEngine"]


class PolicyEngine:
    """Judges requests; a gateway without any policy has no checks and pays nothing."""

    def __init__(self, checks: Sequence[Check]) -> None:
        """Run `checks` in their order."""
        self._checks = tuple(checks)

    @property
    def is_idle(self) -> bool:
        """Whether every request is let through as it is."""
        return not self._checks

    async def judge(self, asked: Asked) -> Judged:
        """Return what is to be done with `asked`; raises `DeniedError`."""
        judged = Judged(asked)
        if asked.provider is not None:
            judged.candidates = (Candidate(asked.provider, asked.model),)
        for check in self._checks:
            await check.judge(judged)
        return judged
