"""One spec → its template folder: plain data in and out, so that other processes can do it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError, ProvisionerError
from provisioner.plan.resolve import resolve
from provisioner.render.template import executable_names, render
from provisioner.render.verify import verify
from provisioner.render.write import differences, write_folder
from provisioner.spec.load import load

__all__ = ["RenderJob", "Rendered", "render_spec", "rendered_or_refused"]


@dataclass(frozen=True, slots=True)
class RenderJob:
    """What to do with one spec."""

    spec: Path
    folder: Path
    force: bool = False
    verify: bool = False
    writes: bool = True
    """Whether the folder is written, or only compared."""
    diff: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of it: names of files, and for a comparison how their text differs."""

    spec: Path
    folder: Path
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    diff: str = ""
    error: ProvisionerError | None = None


def rendered_or_refused(job: RenderJob) -> Rendered:
    """Do a job; a reason why it cannot be done comes with the result."""
    try:
        return render_spec(job)
    except ProvisionerError as error:
        return Rendered(job.spec, job.folder, error=error)


def render_spec(job: RenderJob) -> Rendered:
    """Do a job.

    Raises `FindingsError` for a wrong spec, and what `render`, `verify`, `differences` and
    `write_folder` raise.
    """
    plan = resolve(load(job.spec))
    if plan.template.folder and _is_inside(job.folder, Path(plan.template.folder)):
        raise InputError(
            f"{job.folder} is inside {plan.template.folder}, which would be copied into itself; "
            "name another folder with -o"
        )
    files = render(plan)
    if job.verify:
        verify(plan, files)
    executable = executable_names(plan)
    if not job.writes:
        stale = differences(job.folder, files, executable)
        diff = "".join(_diff(job.folder, name, files) for name in stale) if job.diff else ""
        return Rendered(job.spec, job.folder, stale=stale, diff=diff)
    changed = write_folder(job.folder, files, executable=executable, force=job.force)
    return Rendered(
        job.spec,
        job.folder,
        written=tuple(name for name in changed if name in files),
        removed=tuple(name for name in changed if name not in files),
    )


def _is_inside(folder: Path, outer: Path) -> bool:
    return folder.resolve().is_relative_to(outer.resolve())


def _diff(folder: Path, name: str, files: Mapping[str, bytes]) -> str:
    path = folder / name
    try:
        found = path.read_bytes()
    except OSError:
        found = None
    if found is not None and found == files.get(name):
        return f"{path}: not executable\n"
    before = (found or b"").decode("utf-8", "replace")
    after = files.get(name, b"").decode("utf-8", "replace")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            str(path) if before else "/dev/null",
            str(path) if after else "/dev/null",
        )
    )
