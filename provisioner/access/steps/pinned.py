"""A model that a policy puts in the place of the one asked for: it has to be usable as well."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["take_away"]


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes whose pinned model is unknown, deprecated or not to be had."""
    for mode in left:
        pinned = case.verdicts[mode].model
        if pinned == case.entry.model_id:
            continue
        entry = case.entry_for(mode)
        words = f'a policy pins {mode} to model "{pinned}"'
        if entry is None:
            reason = f"model not in catalog: {words}"
            yield Removal(mode, Denial.MODEL_NOT_IN_CATALOG, reason)
        elif entry.deprecated:
            yield Removal(mode, Denial.MODEL_DEPRECATED, f"{words}, which is deprecated")
        elif mode not in entry.auth_modes:
            offered = ", ".join(entry.auth_modes)
            reason = f"{words}, which the catalog offers in {offered}"
            yield Removal(mode, Denial.AUTHMODES_UNSATISFIABLE, reason)
