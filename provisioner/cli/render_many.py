"""Many specs → their folders, by several processes where that pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.cli.cores import cores
from provisioner.cli.progress import progress
from provisioner.cli.render_spec import Rendered, RenderJob, rendered_or_refused

__all__ = ["render_all"]

# A process costs as much as this many specs do.
_SPECS_WORTH_A_PROCESS = 30


def render_all(todo: Sequence[RenderJob], jobs: int | None) -> list[Rendered]:
    """Do the jobs, and return what came of each, in their order."""
    done = list[Rendered]()
    with progress("rendered", "specs") as show:
        for item in _results(todo, min(jobs or cores(), len(todo) // _SPECS_WORTH_A_PROCESS)):
            done.append(item)
            show(len(done), len(todo))
    return done


def _results(todo: Sequence[RenderJob], workers: int) -> Iterator[Rendered]:
    if workers < 2:
        yield from map(rendered_or_refused, todo)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # The Go runtime, which reads the result back, does not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(rendered_or_refused, todo, chunksize=8)
