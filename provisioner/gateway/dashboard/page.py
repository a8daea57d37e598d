"""A template and its values in, the text of a page out; files that pages bring along."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.gateway.dashboard import text

if TYPE_CHECKING:
    import jinja2

__all__ = ["Page", "rendered", "static_file"]

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Page:
    """What answers: a template with its values."""

    template: str
    values: Mapping[str, object]
    status: int = 200


def rendered(page: Page) -> bytes:
    """Return `page` as HTML in UTF-8; every value in it is escaped."""
    html = _environment().get_template(page.template).render(page.values)
    # What clients sent may hold halves of characters.
    return html.encode(errors="replace")


@cache
def static_file(name: str) -> bytes:
    """Return the content of one of `STATIC_TYPES`."""
    return (_FOLDER / "static" / name).read_bytes()


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415 - a gateway that nobody looks at starts without it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(text, name) for name in text.__all__}
    environment.globals["static"] = _static_address
    return environment


def _static_address(name: str) -> str:
    """Return an address that changes with the file, so that browsers may keep it."""
    return f"/ui/static/{name}?v={hashlib.sha256(static_file(name)).hexdigest()[:12]}"
