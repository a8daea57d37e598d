"""Why the `provisioner` command could not do its job; each class maps to an exit code.

ProvisionerError            exit 2: no verdict
├── InputError              a file or value given by the user cannot be used
├── OutputError             the result cannot be written
├── MissingToolError        a program or an optional dependency is not installed
├── GatewayError            the reference gateway did not start or answer
├── CoderError              a Coder deployment did not do what it was asked for
└── FindingsError           exit 1: the input was read and has findings
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioner.finding import CheckResult

__all__ = [
    "CoderError",
    "FindingsError",
    "GatewayError",
    "InputError",
    "MissingToolError",
    "OutputError",
    "ProvisionerError",
]


class ProvisionerError(Exception):
    """The job could not be done. `str(error)` says what is wrong and what to do."""

    exit_code = 2


class InputError(ProvisionerError):
    """A file or value given by the user cannot be read or used at all."""


class OutputError(ProvisionerError):
    """The result cannot be written; nothing was left half-written."""


class MissingToolError(ProvisionerError):
    """A program or an optional dependency that this command needs is not installed."""


class GatewayError(ProvisionerError):
    """The reference gateway did not start, or did not answer as it must."""


class CoderError(ProvisionerError):
    """A Coder deployment cannot be reached, or did not do what it was asked for."""


class FindingsError(ProvisionerError):
    """The input was read, and has findings that stop the work."""

    exit_code = 1

    def __init__(self, result: CheckResult) -> None:
        """Keep `result` for a reporter; the message counts its findings."""
        self.result = result
        count = len(result.findings)
        super().__init__(f"{count} finding{'' if count == 1 else 's'}")

    def __reduce__(self) -> tuple[type[FindingsError], tuple[CheckResult]]:
        """Cross from one process to another with the result."""
        return FindingsError, (self.result,)
