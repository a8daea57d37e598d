"""Become another program: its signals, its terminal and its exit code are then its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from provisioner.errors import MissingToolError

__all__ = ["replace_process"]

# Python ignores these, and what is ignored stays ignored in the program it becomes.
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ")


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Run `command`, whose first item is the path of a program, in place of this process.

    Where a process cannot be replaced (Windows) it is run as a child, and its exit code is ours.
    Raises `MissingToolError` when it cannot be started.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "nt":
            raise SystemExit(
                subprocess.call(command, env=dict(environment))  # noqa: S603 - what was asked for
            )
        for name in _IGNORED_BY_PYTHON:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        os.execve(command[0], list(command), dict(environment))  # noqa: S606 - the whole point
    except OSError as error:
        raise MissingToolError(f"cannot run {command[0]}: {error.strerror or error}") from error
