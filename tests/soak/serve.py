"""`python -m tests.soak.serve FOLDER ...`: `provisioner ...` that counts its tasks when asked.

After SIGUSR1 a process writes how many tasks wait on its event loop to `FOLDER/<its number>`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from provisioner.cli import main


def _count(_number: int, _frame: FrameType | None) -> None:
    # The handler runs in the thread of the event loop, between two of its steps.
    place = Path(FOLDER, str(os.getpid()))
    place.with_suffix(".new").write_text(str(len(asyncio.all_tasks())))
    place.with_suffix(".new").replace(place)


if __name__ == "__main__":
    FOLDER = sys.argv.pop(1)
    signal.signal(signal.SIGUSR1, _count)
    main()
