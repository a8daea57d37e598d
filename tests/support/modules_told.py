"""`provisioner`, which writes down at its end which modules it imported.

Run it as `python -m tests.support.modules_told FILE ARGUMENTS...`. What `-X importtime` tells is
not all: modules that are imported by a name in a variable are not among it.
"""

from __future__ import annotations

import atexit
import sys
from pathlib import Path


def _tell(file: Path) -> None:
    file.write_text("\n".join(sorted(sys.modules)), encoding="utf-8")


if __name__ == "__main__":
    atexit.register(_tell, Path(sys.argv.pop(1)))
    from provisioner.cli.program import program

    program()
