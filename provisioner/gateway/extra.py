"""Says which packages of the `gateway` extra are missing before anything imports them."""

from __future__ import annotations

from importlib.util import find_spec

from provisioner.errors import MissingToolError

__all__ = ["need_extra"]

_PACKAGES = (
    "aiohttp",
    "alembic",
    "httptools",
    "prometheus_client",
    "sqlalchemy",
    "yaml",
    "zstandard",
)


def need_extra() -> None:
    """Raise `MissingToolError` with the command to run when the extra is not installed."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingToolError(
            f"the gateway needs {', '.join(missing)}; "
            "install the extra with: pip install 'codex-provisioner[gateway]'"
        )
