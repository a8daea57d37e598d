"""A request while it is judged: what was asked for, and what the checks make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct, field

from provisioner.gateway.actor import Actor
from provisioner.gateway.providers import Provider

__all__ = ["Asked", "Attempts", "BudgetWarning", "Candidate", "Check", "CostWatch", "Judged"]


class Candidate(Struct, frozen=True):
    """Who can answer, and the name of the model there."""

    provider: Provider
    model: str


class Asked(Struct):
    """One authenticated request on a bridged route.

    `id` is that of its interception, `api` the last part of its path. `document` is its body,
    read when it is looked at, and `size` its bytes as far as they are text. `provider` is what the
    path says, None where the model decides. `is_personal` says whether the user brought a
    credential of their own. Nobody changes any of it while it is judged.
    """

    id: str
    api: str
    actor: Actor
    model: str
    document: Mapping[str, Any]
    size: int
    headers: Mapping[str, str]
    provider: Provider | None
    at: datetime
    is_personal: bool = False


class BudgetWarning(Struct, frozen=True):
    """A budget that is nearly spent; `percent` may be over 100."""

    budget: str
    scope: str
    percent: int


class Attempts(Protocol):
    """Who may be asked when the one before did not answer, and what is learned of each."""

    def goes_on(self, status: int) -> bool:
        """Say whether an answer with `status` is left for that of another candidate."""

    def begin(self, candidate: Candidate) -> bool:
        """Say whether `candidate` may be asked now; the first one of a request was begun before."""

    def end(self, candidate: Candidate, status: int | None) -> None:
        """Note how `candidate` answered, None for not at all."""

    def undo(self, candidate: Candidate) -> None:
        """Give back what `candidate` took when it began: it is not asked."""

    def used(self, candidate: Candidate, tokens: int) -> None:
        """Note how many tokens its answer took."""


class Judged(Struct):
    """What the checks made of `asked` so far.

    `candidates` are asked in their order until one answers, at most `attempts` of them. `document`
    is what goes out in place of what came in, None for the same bytes. `cache_mode` is what became
    of marks for the provider's cache. `held` says whether budgets hold something for it.
    `auth_mode` says who pays, empty where nobody asks.
    `steps` decides over each attempt, None for what every gateway does.
    """

    asked: Asked
    candidates: tuple[Candidate, ...] = ()
    attempts: int = 1
    document: Mapping[str, Any] | None = None
    cache_mode: str = ""
    warnings: list[BudgetWarning] = field(default_factory=list)
    held: bool = False
    auth_mode: str = ""
    steps: Attempts | None = None

    def leave(self, candidates: Iterable[Candidate]) -> None:
        """Ask none but `candidates`, some of those there are; nobody may be left then.

        Of all only the first one has begun, so a new first one has to, and may have to be passed
        over.
        """
        first, left, steps = self.candidates[0], list(candidates), self.steps
        if steps is not None:
            while left and left[0] != first and not steps.begin(left[0]):
                left.pop(0)
            if not left or left[0] != first:
                steps.undo(first)
        self.candidates = tuple(left)

    def keep_no_body(self) -> None:
        """Forget what was asked in full, once nobody will be sent it any more."""
        self.document = None
        self.asked.document = {}


class CostWatch(Protocol):
    """Is told what budgets do, to count it."""

    def enforced(self, outcome: str, seconds: float) -> None:
        """Hear that budgets were asked about a request: it is `allowed`, `blocked` or `error`."""

    def blocked(self, group: str) -> None:
        """Hear of a request that a budget refused; `group` is empty when it is none of a group."""

    def unpriced(self, provider: Provider, model: str, count: int) -> None:
        """Hear of records of tokens whose model has no price."""


class Check(Protocol):
    """One thing that policy has a say in."""

    async def judge(self, judged: Judged) -> None:
        """Take its part of the decision; raise `DeniedError` to refuse the request."""
