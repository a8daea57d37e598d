"""Log lines that tell no secrets: exception types instead of messages and tracebacks."""

from __future__ import annotations

import logging
import sys

from provisioner.gateway.app import ACCESS_LOGGER
from provisioner.gateway.record_log import RECORD_LOGGER

__all__ = ["log_to_stderr", "server_logger"]


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


def server_logger() -> logging.Logger:
    """Return the logger for aiohttp's server: it would log what broken requests hold."""
    logger = logging.getLogger("provisioner.gateway.http")
    logger.addFilter(_TYPE_ONLY)
    return logger


def log_to_stderr(*, verbose: bool) -> None:
    """Send warnings and worse to stderr, and a line for each request if `verbose`.

    Records, when they are logged at all, are lines of JSON by themselves.
    """
    records = logging.getLogger(RECORD_LOGGER)
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter("%(message)s"))
    records.addHandler(lines)
    records.propagate = False
    records.setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    if verbose:
        logging.getLogger(ACCESS_LOGGER).setLevel(logging.INFO)
