"""The profile: what policies leave and the profile takes; nothing else is ever taken instead."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["take_away"]


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes that the profile does not name."""
    profile = case.request.profile
    if profile.auth_modes is None:
        return
    taken = ", ".join(profile.auth_modes) or "no mode"
    reason = f'profile "{profile.name}" takes {taken}; the policies leave {", ".join(left)}'
    for mode in left:
        if mode not in profile.auth_modes:
            yield Removal(mode, Denial.AUTHMODES_UNSATISFIABLE, reason)
