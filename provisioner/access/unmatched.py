"""A request → notes about names in it that nothing matches, as mistyped ones do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from provisioner.access.case import Case

__all__ = ["unmatched"]


def unmatched(case: Case) -> Iterator[str]:
    """Yield a note for a project, a kind of work and usage that no policy or nobody here has."""
    request, policies = case.request, case.access.policies
    yield from _nobodys("project", request.project, {item.project for item in policies})
    yield from _nobodys("kind of work", request.workload, {item.workload for item in policies})
    own = case.access.organization.name
    others = Counter(row.organization for row in request.ledger if not case.is_counted(row))
    for name, count in sorted(others.items()):
        rows = "1 row" if count == 1 else f"{count} rows"
        here = f'this organization is "{own}"' if own else "the access file names no organization"
        yield f'usage of "{name}" is not counted ({rows}): {here}'


def _nobodys(what: str, name: str, known: set[str]) -> Iterator[str]:
    """Yield a note where policies are for others of its kind, and none for `name`."""
    others = sorted(known - {""})
    if name and others and name not in others:
        there = ", ".join(f'"{other}"' for other in others)
        yield f'no policy is for the {what} "{name}" alone; there are policies for {there}'
