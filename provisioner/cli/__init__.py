"""The `provisioner` command: options → function → exit code, one file per command.

Exit codes: 0 done or clean, 1 findings or a failed check, 2 no verdict.
"""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command, or say again what it said when nothing that it depends on has changed."""
    from provisioner.cli import repeat

    key = repeat.key(sys.argv[1:])
    code = repeat.again(key) if key else None
    if code is not None:
        sys.exit(code)
    from provisioner.cli.program import program

    try:
        program(obj=key)
    finally:
        gc.freeze()  # Python ends with a search for garbage among all that a run has made.
