"""Policies: a level forbids modes, or pins what no other level allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial, policy_words
from provisioner.access.model import Removal
from provisioner.access.policy import Level

__all__ = ["of"]


def of(level: Level) -> Callable[[Case, tuple[AuthMode, ...]], Iterator[Removal]]:
    """Return the step of one level."""

    def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
        for mode in left:
            said = case.verdicts[mode]
            if said.denied_by is level:
                words = f"{policy_words(level, case.asked, mode)}: {said.reason}"
                yield Removal(mode, Denial.ACCESS_DENIED, words)

    return take_away
