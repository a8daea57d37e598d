"""Where a session can run: some modes need the user's machine, others a cloud."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import CLOUD_ONLY, LOCAL_ONLY, AuthMode, Place
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["without_any_pool", "without_cloud_pool", "without_local_pool"]


def without_local_pool(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes that run on the user's machine only, where no such pool is active."""
    for mode in left:
        if mode in LOCAL_ONLY and Place.LOCAL not in case.places():
            reason = f"{mode} runs on the user's machine only, and no local pool is {_active(case)}"
            yield Removal(mode, Denial.AUTH_MODE_REQUIRES_LOCAL_CAPACITY, reason)


def without_cloud_pool(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes that run in a cloud only, where no such pool is active."""
    for mode in left:
        if mode in CLOUD_ONLY and Place.CLOUD not in case.places():
            reason = f"{mode} runs in the cloud only, and no cloud pool is {_active(case)}"
            yield Removal(mode, Denial.AUTH_MODE_REQUIRES_CLOUD_CAPACITY, reason)


def without_any_pool(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield what is left where no pool is active at all."""
    for mode in left:
        if not case.pools:
            yield Removal(
                mode, Denial.NO_CAPACITY, f"{mode} needs a pool, and none is {_active(case)}"
            )


def _active(case: Case) -> str:
    return f'active among those called "{case.request.pool}"' if case.request.pool else "active"
