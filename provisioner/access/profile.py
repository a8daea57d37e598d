"""Profiles: what a session asks for, found by scope and completed by what they are based on."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from provisioner.access.auth_mode import AuthMode

__all__ = ["Context", "Profile", "ProfileError", "Scope", "profile_for"]


class Scope(enum.StrEnum):
    """For whom a profile is, the narrowest first: the first that fits is taken."""

    NODE = "node"
    """One node of a workflow, by `node_id`."""
    PROJECT = "project"
    """One project, by `project_id`."""
    ORGANIZATION = "organization"
    """Everybody in the company."""
    SYSTEM_WORKTYPE = "system-worktype"
    """One kind of work, by `worktype`, wherever it is done."""
    SYSTEM_DEFAULT = "system-default"
    """Everything else."""

    @property
    def rank(self) -> int:
        """0 for the narrowest."""
        return list(Scope).index(self)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a session belongs."""

    node: str = ""
    project: str = ""
    worktype: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile; None stands for what it leaves to the one that it is based on."""

    name: str
    scope: Scope = Scope.SYSTEM_DEFAULT
    key: str = ""
    """The node, the project or the kind of work; empty for the scopes without one."""
    based_on: str = ""
    provider: str | None = None
    model_id: str | None = None
    auth_modes: tuple[AuthMode, ...] | None = None
    effort: str | None = None
    service_tier: str | None = None
    context_window: int | None = None

    def fits(self, context: Context) -> bool:
        """Say whether it is for a session that belongs there."""
        wanted = {
            Scope.NODE: context.node,
            Scope.PROJECT: context.project,
            Scope.SYSTEM_WORKTYPE: context.worktype,
        }
        return self.scope not in wanted or (bool(self.key) and self.key == wanted[self.scope])

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.name} ({self.scope}{f' {self.key}' if self.key else ''})"


class ProfileError(Exception):
    """There is no such profile, or it is based on itself."""


_INHERITED = tuple(item.name for item in fields(Profile) if item.default is None)


def profile_for(
    profiles: Sequence[Profile], name: str, context: Context
) -> tuple[Profile, tuple[Profile, ...]]:
    """Return the profile called `name` for `context`, complete, and the ones it was made from.

    Of several with one name the narrowest scope wins. What it leaves open comes from the one it is
    based on, found in the same way; one based on its own name is based on the next wider scope.
    Raises `ProfileError` when one of them is not there, or when they go in a circle.
    """
    chain = list[Profile]()
    found = _find(profiles, name, context)
    while True:
        if found is None:
            raise ProfileError(_missing(profiles, name, chain))
        if found in chain:
            circle = " -> ".join(item.label for item in [*chain, found])
            raise ProfileError(f"profiles are based on each other: {circle}")
        chain.append(found)
        if not found.based_on:
            return _completed(chain), tuple(chain)
        wider = found.scope.rank if found.based_on == found.name else -1
        name = found.based_on
        found = _find(profiles, name, context, wider)


def _find(
    profiles: Sequence[Profile], name: str, context: Context, wider_than: int = -1
) -> Profile | None:
    fitting = (
        item
        for item in profiles
        if item.name == name and item.scope.rank > wider_than and item.fits(context)
    )
    return min(fitting, key=lambda item: item.scope.rank, default=None)


def _completed(chain: list[Profile]) -> Profile:
    first = chain[0]
    for wider in chain[1:]:
        open_ = {name: getattr(wider, name) for name in _INHERITED if getattr(first, name) is None}
        first = replace(first, **open_)
    return first


def _missing(profiles: Sequence[Profile], name: str, chain: list[Profile]) -> str:
    names = ", ".join(dict.fromkeys(item.name for item in profiles))
    by = f', which profile "{chain[-1].label}" is based on,' if chain else ""
    there = f"there are: {names}" if names else "there are none: `provisioner profile create`"
    if any(item.name == name for item in profiles):
        there = "it is for another node, project or kind of work, or for none that is wider"
    return f'no profile "{name}"{by} fits; {there}'
