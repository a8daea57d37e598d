"""What several rules want to know of a workspace, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from provisioner.validate.workspace import Workspace

__all__ = ["once"]

T = TypeVar("T")


def once(function: Callable[[Workspace], Iterable[T]]) -> Callable[[Workspace], tuple[T, ...]]:
    """Let the workspace remember what the function yields for it."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(workspace: Workspace) -> tuple[T, ...]:
        known: dict[str, tuple[T, ...]] = workspace.__dict__
        if name not in known:
            known[name] = tuple(function(workspace))
        return known[name]

    return remembered
