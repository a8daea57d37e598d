"""A job that runs → its log as it grows, each line once, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Job, LogLine
from provisioner.coder_steps.watch import Watch
from provisioner.errors import CoderError

__all__ = ["JobSource", "build_source", "cancel", "follow", "version_source"]

_BETWEEN = 0.5
_CANCEL_LOOKS = 20
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class JobSource:
    """Where a job is looked at."""

    job: Callable[[], Job]
    logs: Callable[[int], Sequence[LogLine]]
    """The lines after the one with this id."""
    cancel: Callable[[], None]


def version_source(client: CoderClient, version_id: str) -> JobSource:
    """Return where to look at the job that makes a template version."""
    calls = client.templates
    return JobSource(
        lambda: calls.version_job(version_id),
        lambda after: calls.version_logs(version_id, after),
        lambda: calls.cancel_version(version_id),
    )


def build_source(client: CoderClient, build_id: str) -> JobSource:
    """Return where to look at the job of a workspace build."""
    calls = client.workspaces
    return JobSource(
        lambda: calls.build_job(build_id),
        lambda after: calls.build_logs(build_id, after),
        lambda: calls.cancel_build(build_id),
    )


def follow(source: JobSource, watch: Watch) -> tuple[Job, list[LogLine]]:
    """Show the log until the job has ended; return the job and the last lines of the log.

    The state is asked for before the log, so that the last look at the log finds all of it; lines
    are asked for by the id of the last one, so that a lost connection loses and doubles none.
    Raises `CoderError`.
    """
    lines: list[LogLine] = []
    queued = -1
    while True:
        job = source.job()
        after = lines[-1].id if lines else 0
        for line in source.logs(after):
            if line.id > after:
                lines.append(line)
                after = line.id
                watch.log(line)
        del lines[:-_MOST_LINES]
        if not job.is_active:
            return job, lines
        if job.status == "pending" and job.queue_position != queued:
            queued = job.queue_position
            watch.say(f"waiting for a Coder provisioner, {queued} of {job.queue_size} in the queue")
        watch.interrupts.pause(_BETWEEN)


def cancel(source: JobSource, watch: Watch) -> str:
    """Ask for the end of a job and wait a little for it; return its state, `unknown` if untold."""
    try:
        job = source.job()
        if job.is_active:
            source.cancel()
        for _ in range(_CANCEL_LOOKS):
            job = source.job()
            if not job.is_active:
                break
            watch.interrupts.pause(_BETWEEN)
    except CoderError as error:
        watch.say(f"the job could not be canceled: {error}")
        return "unknown"
    return job.status
