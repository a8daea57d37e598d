"""Several units → their judgements, by several processes where that pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from provisioner.validate.files import Disk
from provisioner.validate.processes import mapped
from provisioner.validate.request import Judgement, Request, Unit
from provisioner.validate.unit import judge

__all__ = ["judge_all"]

_Judged = tuple[Unit, Judgement, Mapping[tuple[str, str], str]]
# A process costs as much as this many folders of an ordinary template do.
_UNITS_WORTH_A_PROCESS = 16


def judge_all(units: Sequence[Unit], request: Request, disk: Disk, jobs: int) -> Iterator[_Judged]:
    """Yield the judgement of each unit and what was seen for it, in the order of the units.

    Files in place of those on the disk stay in this process.
    """
    workers = 1 if disk.overlay else min(jobs, len(units) // _UNITS_WORTH_A_PROCESS)
    overlay = disk.overlay if workers < 2 else {}
    yield from mapped(partial(_judged, request=request, overlay=overlay), units, workers, 4)


def _judged(unit: Unit, request: Request, overlay: Mapping[str, bytes]) -> _Judged:
    disk = Disk(overlay)
    return unit, judge(unit, request, disk), disk.seen
