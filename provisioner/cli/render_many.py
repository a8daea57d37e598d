"""Many specs → their folders, by several processes where that pays."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.cli.cores import cores
from provisioner.cli.progress import progress
from provisioner.cli.render_spec import Rendered, RenderJob, rendered_or_refused
from provisioner.validate.processes import mapped

__all__ = ["render_all"]

# A process costs as much as this many specs do.
_SPECS_WORTH_A_PROCESS = 30


def render_all(todo: Sequence[RenderJob], jobs: int | None) -> list[Rendered]:
    """Do the jobs, and return what came of each, in their order."""
    workers = min(jobs or cores(), len(todo) // _SPECS_WORTH_A_PROCESS)
    done = list[Rendered]()
    with progress("rendered", "specs") as show:
        for item in mapped(rendered_or_refused, todo, workers, 8):
            done.append(item)
            show(len(done), len(todo))
    return done
