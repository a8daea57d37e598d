"""What the coder/coder Terraform provider checks in its own code, and Coder at a push."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioner.knowledge.data import json_data, toml_data
from provisioner.knowledge.version import Version

__all__ = [
    "Limits",
    "agent_name_pattern",
    "compute_types",
    "form_types",
    "known_release",
    "limited_paths",
    "limits_of",
    "removed_names",
    "restarted_types",
    "timezones",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of one argument or block; coder_limits.toml says what each field means.

    An empty or zero field asks for nothing; `since` is None for what 2.0 had already.
    """

    since: Version | None = None
    default: object = None
    replaces: bool = False
    one_of: tuple[str, ...] = ()
    pattern: str = ""
    length: tuple[int, int] | None = None
    not_empty: bool = False
    form: str = ""
    cron: str = ""
    least: int | None = None
    most: int | None = None
    or_zero: bool = False
    conflicts_with: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    unique: str = ""
    refers_to: tuple[str, ...] | None = None
    instead: str = ""
    unless: tuple[str, ...] = ()


_NONE = Limits()


@cache
def limits_of(path: str) -> Limits:
    """Return the limits of `resource.coder_app.slug` or another path; most have none."""
    found = _data()["limits"].get(path)
    if found is None:
        return _NONE
    fields: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in found.items()
    }
    if "since" in fields:
        fields["since"] = Version.parse(fields["since"])
    return Limits(**fields)


def limited_paths() -> tuple[str, ...]:
    """Return every path that has limits."""
    return tuple(_data()["limits"])


def known_release() -> Version:
    """Return the release of the Terraform provider that the schema and the limits describe."""
    return Version.parse(_data()["release"])


def removed_names() -> dict[str, str]:
    """Return path → what took its place, for what release 2.0 no longer has."""
    return dict(_data()["removed"])


def form_types(type_name: str, *, has_options: bool) -> tuple[str, ...]:
    """Return the form types that a `coder_parameter` of a type may have, the usual one first."""
    known = _data()["form_types"].get(type_name, {})
    return tuple(known.get("options" if has_options else "no_options", ()))


def agent_name_pattern() -> re.Pattern[str]:
    """Return the pattern of the whole name of a `coder_agent`."""
    return re.compile(_data()["push"]["agent_name"])


def compute_types() -> frozenset[str]:
    """Return the resources of other Terraform providers that an agent can run in."""
    return frozenset(_data()["compute"]["others"]) | restarted_types()


def restarted_types() -> frozenset[str]:
    """Return those that must be gone while the workspace is stopped."""
    return frozenset(_data()["compute"]["restarted"])


@cache
def timezones() -> frozenset[str]:
    """Return the names of the IANA time zone database."""
    return frozenset(json_data("timezones.json")["names"])


def _data() -> dict[str, Any]:
    return toml_data("coder_limits.toml")
