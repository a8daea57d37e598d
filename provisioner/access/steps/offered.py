"""The catalog: how a model can be had."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["take_away"]


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes in which the catalog does not offer the model that is asked for."""
    entry = case.entry
    offered = ", ".join(entry.auth_modes) or "no mode"
    for mode in left:
        if case.verdicts[mode].model == entry.model_id and mode not in entry.auth_modes:
            reason = f'the catalog offers model "{entry.id}" in {offered}'
            yield Removal(mode, Denial.AUTHMODES_UNSATISFIABLE, reason)
