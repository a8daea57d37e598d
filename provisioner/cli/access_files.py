"""The files that say who may use what: where they are, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.access.catalog import Catalog, CatalogEntry
    from provisioner.access.model import Access
    from provisioner.access.profile import Profile
    from provisioner.access.usage import Spending

__all__ = [
    "CATALOG",
    "MODES",
    "PROFILES",
    "SCOPES",
    "TIERS",
    "access_in",
    "access_option",
    "beside",
    "catalog_for",
    "own_entries",
    "profiles_in",
    "usage_in",
]

_ACCESS, CATALOG, PROFILES = "access.toml", "catalog.toml", "profiles.toml"
MODES = ("byok", "metered", "shared", "host-session", "local")
SCOPES = ("node", "project", "organization", "system-worktype", "system-default")
TIERS = ("auto", "fast", "flex")


def access_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--access`, the file beside which the others are; one that is named has to be there."""
    return click.option(
        "--access",
        "access_file",
        type=click.Path(path_type=Path),
        callback=_there,
        metavar="FILE",
        help="Access file; catalog.toml and profiles.toml are those beside it.  "
        "[default: ./access.toml, if it is there]",
    )(function)


def _there(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    """Return the path; a mistyped one must not look like a catalog or profiles that are empty."""
    if path is not None and not path.exists():
        raise InputError(
            f"cannot read {path}: there is no such file; --access names the access file, which may "
            "be empty"
        )
    return path


def beside(access_file: Path | None, name: str) -> Path:
    """Return where the catalog or the profiles of an access file are."""
    return (access_file.parent if access_file else Path()) / name


def access_in(path: Path | None) -> tuple[Access, Catalog]:
    """Return what the access file says, or what holds without one, and the catalog it is about.

    Raises `InputError` when it cannot be read, `FindingsError` when it is wrong.
    """
    from provisioner.access.model import Access
    from provisioner.access.read import read_access

    found = _text(path or Path(_ACCESS), must_be_there=path is not None)
    catalog = catalog_for(path)
    if found is None:
        return Access(), catalog
    return read_access(found, str(path or _ACCESS), catalog), catalog


def own_entries(path: Path) -> tuple[CatalogEntry, ...]:
    """Return the entries of a catalog file; none where there is no file."""
    from provisioner.access.read import read_catalog

    text = _text(path, must_be_there=False)
    return () if text is None else read_catalog(text, str(path))


def catalog_for(access_file: Path | None) -> Catalog:
    """Return the catalog: what Codex knows, with what stands beside the access file."""
    from provisioner.access.catalog import Catalog

    return Catalog.of(own_entries(beside(access_file, CATALOG)))


def profiles_in(path: Path) -> tuple[Profile, ...]:
    """Return the profiles of a profile file; none where there is no file."""
    from provisioner.access.read import read_profiles

    text = _text(path, must_be_there=False)
    return () if text is None else read_profiles(text, str(path))


def usage_in(path: Path | None) -> tuple[Spending, ...]:
    """Return what was spent; nothing without a file."""
    from provisioner.access.read import read_usage

    text = _text(path, must_be_there=True) if path else None
    return () if text is None else read_usage(text, str(path))


def _text(path: Path, *, must_be_there: bool) -> str | None:
    from provisioner.spec.load import read_text

    return read_text(path, if_missing="") if must_be_there or path.exists() else None
