"""Says which packages of an extra are missing before a command imports them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from provisioner.errors import MissingToolError

__all__ = ["need_extra"]

_GATEWAY: Final = {
    "aiohappyeyeballs": "aiohappyeyeballs",
    "aiohttp": "aiohttp",
    "alembic": "alembic",
    "httptools": "httptools",
    "prometheus_client": "prometheus-client",
    "yaml": "pyyaml",
    "sqlalchemy": "sqlalchemy",
    "zstandard": "zstandard",
}
_EXTRAS: Final = {
    "gateway": ("the gateway", _GATEWAY),
    "terraform": ("to serve schemas to Terraform", {"grpc": "grpcio"}),
}
"""What needs each extra, and its packages: the name to import, and the one to install."""


def need_extra(name: str) -> None:
    """Raise `MissingToolError` with the command to run when the extra is not installed."""
    what, packages = _EXTRAS[name]
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    if missing:
        raise MissingToolError(
            f"{what} needs {', '.join(missing)}; "
            f"install the extra with: pip install 'codex-provisioner[{name}]'"
        )
