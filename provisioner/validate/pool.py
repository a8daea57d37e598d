"""Several units → their judgements, by several processes where that pays."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from provisioner.validate.files import Disk
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
    if workers < 2:
        yield from (_judged(unit, request, disk.overlay) for unit in units)
        return
    import multiprocessing  # noqa: PLC0415 - seldom needed, and costs start-up time
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    context = multiprocessing.get_context("fork" if _may_fork() else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(partial(_judged, request=request, overlay={}), units, chunksize=4)


def _may_fork() -> bool:
    """Say whether a copy of this process works as it does, which spares it all the imports.

    Neither threads nor the Go runtime, which reads Terraform's syntax, survive a fork.
    """
    is_alone = threading.active_count() == 1 and "pygohcl" not in sys.modules
    return sys.platform == "linux" and is_alone


def _judged(unit: Unit, request: Request, overlay: Mapping[str, bytes]) -> _Judged:
    disk = Disk(overlay)
    return unit, judge(unit, request, disk), disk.seen
