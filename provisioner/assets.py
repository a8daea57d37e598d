"""Where the Terraform modules and template sources are: inside the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from provisioner.errors import InputError

__all__ = ["module_source", "shared_templates", "template_names", "template_source"]

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    """Folder that holds `modules` and `templates`: `_assets` in a wheel, the checkout otherwise."""
    bundled = _PACKAGE / "_assets"
    return bundled if bundled.is_dir() else _PACKAGE.parent


def template_names() -> tuple[str, ...]:
    """Names of the template sources that can be rendered, sorted."""
    folder = _root() / "templates"
    return tuple(sorted(path.parent.name for path in folder.glob("*/template.toml")))


def template_source(name: str) -> Path:
    """Folder of the template source `name`.

    Raises `InputError` when there is none.
    """
    if name not in template_names():
        known = ", ".join(template_names())
        raise InputError(f'no template source named "{name}"; there are: {known}')
    return _root() / "templates" / name


def shared_templates() -> Path:
    """Folder of what every template is made with."""
    return _root() / "templates" / "shared"


def module_source(name: str) -> Path:
    """Folder of a Terraform module of our own."""
    return _root() / "modules" / name
