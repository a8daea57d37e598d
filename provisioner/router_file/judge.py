"""A file in, everything that is wrong with it out, in the order of the file."""

from __future__ import annotations

from provisioner.router_file.file import RouterFile
from provisioner.router_file.problem import RouterProblem
from provisioner.router_file.sense import sense_problems
from provisioner.router_file.shape import shape_problems

__all__ = ["router_problems"]


def router_problems(file: RouterFile) -> tuple[RouterProblem, ...]:
    """Return all problems; nothing of what is asked for is looked for in the environment."""
    found = (*shape_problems(file), *sense_problems(file))
    return tuple(sorted(found, key=lambda one: (one.span.start, one.message)))
