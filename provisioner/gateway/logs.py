"""Log lines that tell no secrets: exception types instead of messages and tracebacks."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

from provisioner.gateway.app import ACCESS_LOGGER
from provisioner.gateway.record_log import RECORD_LOGGER
from provisioner.gateway.translate.dropped import TRANSLATION_LOGGER

__all__ = ["log_in_turn", "log_to_stderr", "server_logger"]


class _TypeOnly(logging.Filter):
    """Replaces the traceback of a record by the type of its exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg = f"{record.getMessage()}: {kind.__name__ if kind else 'unknown'}"
            record.args = ()
            record.exc_info = None
        return True


_TYPE_ONLY = _TypeOnly()


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr, one process at a time once there is a lock file."""

    lock_file: TextIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.lock_file is None:
            super().emit(record)
            return
        # There are workers on Linux only, and such locks on no Windows.
        import fcntl  # noqa: PLC0415

        fcntl.lockf(self.lock_file, fcntl.LOCK_EX)
        try:
            super().emit(record)
        finally:
            fcntl.lockf(self.lock_file, fcntl.LOCK_UN)


def log_in_turn(folder: Path) -> None:
    """Keep the lines of this process apart from those of others that do the same with `folder`.

    A pipe takes only short lines in one piece, and those of records may be of any length.
    """
    _Handler.lock_file = (folder / "log.lock").open("w", encoding="utf-8")


def server_logger() -> logging.Logger:
    """Return the logger for aiohttp's server: it would log what broken requests hold."""
    logger = logging.getLogger("provisioner.gateway.http")
    logger.addFilter(_TYPE_ONLY)
    return logger


def log_to_stderr(*, verbose: bool) -> None:
    """Send warnings and worse to stderr; if `verbose`, also a line for each request and for each
    one that lost something in translation.

    Records, when they are logged at all, are lines of JSON by themselves.
    """
    records = logging.getLogger(RECORD_LOGGER)
    lines = _Handler(sys.stderr)
    lines.setFormatter(logging.Formatter("%(message)s"))
    records.addHandler(lines)
    records.propagate = False
    records.setLevel(logging.INFO)
    handler = _Handler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    if verbose:
        logging.getLogger(ACCESS_LOGGER).setLevel(logging.INFO)
        logging.getLogger(TRANSLATION_LOGGER).setLevel(logging.INFO)
