"""Says that the package of the `terraform` extra is missing before anything imports it."""

from __future__ import annotations

from importlib.util import find_spec

from provisioner.errors import MissingToolError

__all__ = ["need_extra"]


def need_extra() -> None:
    """Raise `MissingToolError` with the command to run when the extra is not installed."""
    if find_spec("grpc") is None:
        raise MissingToolError(
            "to serve schemas to Terraform needs grpcio; "
            "install the extra with: pip install 'codex-provisioner[terraform]'"
        )
