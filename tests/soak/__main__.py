"""`python -m tests.soak [minutes]`: on SQLite, then on PostgreSQL where it is installed.

Ends with 1 when anything was not as it must be; the last state is kept then.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.places import SQLITE, on_postgres
from tests.soak.run import Place, Soak, soak
from tests.support.postgres_server import postgres_server

DEFAULT_MINUTES = 2.0


def main(minutes: float) -> int:
    """Soak on each database for half of the time; return the exit code."""
    if sys.platform != "linux":
        _say("a soak looks at processes as Linux shows them")
        return 2
    if shutil.which("initdb") is None:
        _say("no PostgreSQL here: SQLite alone")
        return int(bool(_soaked(SQLITE, minutes * 60).breaches))
    soaks = [_soaked(SQLITE, minutes * 30)]
    with postgres_server() as server:
        soaks.append(_soaked(on_postgres(server), minutes * 30))
    return int(any(one.breaches for one in soaks))


def _soaked(place: Place, seconds: float) -> Soak:
    folder = Path(tempfile.mkdtemp(prefix="provisioner-soak-"))
    done = soak(place, folder, seconds, _say)
    _say(f"{done.place}: {done.summary}")
    for breach in done.breaches[:20]:
        _say(f"{done.place}: BREACH: {breach}")
    if done.breaches:
        _say(f"{done.place}: log, dumps and database are in {folder}")
    else:
        shutil.rmtree(folder)
        _say(f"{done.place}: nothing found")
    return done


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MINUTES))
