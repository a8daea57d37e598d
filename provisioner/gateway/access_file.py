"""The access file that the configuration names in, what it says to this gateway out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import FindingsError, InputError
from provisioner.gateway.access_config import AccessConfig

if TYPE_CHECKING:
    from provisioner.access.enforce import Enforced
    from provisioner.access.model import Access
    from provisioner.access.pool import PoolProvider

__all__ = ["read_access_file"]

_CATALOG = "catalog.toml"


def read_access_file(config: AccessConfig | None) -> Enforced | None:
    """Return what is to be enforced, None where no file is named.

    Raises `InputError` with file and line of each mistake.
    """
    if config is None:
        return None
    # Only gateways with such a file need any of it.
    from provisioner.access.catalog import Catalog  # noqa: PLC0415
    from provisioner.access.enforce import Enforced, Place  # noqa: PLC0415
    from provisioner.access.read import read_access, read_catalog  # noqa: PLC0415

    path, beside = config.file, config.file.parent / _CATALOG
    try:
        own = read_catalog(_text(beside), str(beside)) if beside.exists() else ()
        catalog = Catalog.of(own)
        access = read_access(_text(path), str(path), catalog)
    except FindingsError as error:
        raise InputError("\n".join(_lines(error))) from error
    place = Place(_pool(config, access), config.host, config.workload)
    return Enforced(access, catalog, place)


def _pool(config: AccessConfig, access: Access) -> PoolProvider:
    """Return what usage is written down for: a guess would charge the wrong caps."""
    from provisioner.access.auth_mode import Place  # noqa: PLC0415
    from provisioner.access.pool import PoolProvider  # noqa: PLC0415

    if config.pool is not None:
        return PoolProvider(config.pool)
    found = {pool.provider for pool in access.pools if pool.provider.place is Place.CLOUD}
    if len(found) != 1:
        told = ", ".join(sorted(found)) or "none"
        raise InputError(
            f"access.pool: say what makes the machines that sessions run on, as {config.file} does "
            f"not have one kind of cloud pools but: {told}"
        )
    return found.pop()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f'access.file: cannot read "{path}": {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise InputError(f'access.file: "{path}" is not UTF-8 text') from error


def _lines(error: FindingsError) -> list[str]:
    return [
        f"{one.path}:{one.span.start.line}:{one.span.start.column}: {one.message}"
        + (f"; {one.help}" if one.help else "")
        for one in error.result.findings
    ]
