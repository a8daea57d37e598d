"""SOURCE of `provisioner coder push`: a template folder, or a spec that becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.finding import CheckResult
    from provisioner.plan.model import Plan

__all__ = ["Source", "checked", "read_source"]

_NAME = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_NAME_LENGTH = 31
_UNNAMED = "rendered"
_CODER_KIND = "coder"


@dataclass(frozen=True, slots=True)
class Source:
    """The folder to push, and the name of the template."""

    folder: Path
    name: str
    shown: str
    """How findings name the folder; empty for this one."""
    is_rendered: bool
    gateway_url: str = ""
    """The deployment that a spec names."""


def read_source(path: Path | None, name: str | None, render_to: Path | None, place: Path) -> Source:
    """Return the folder at `path`, or the one that the spec there is rendered into.

    That is `render_to`, or a folder below `place`. Raises `FindingsError` for a wrong spec and
    `InputError` for what is neither.
    """
    from provisioner.plan.resolve import resolve
    from provisioner.spec.load import load

    if path is None:
        path = Path(DEFAULT_SPEC) if Path(DEFAULT_SPEC).exists() else Path()
    if not path.exists():
        raise InputError(f'there is no spec or folder "{path}"')
    if path.is_dir():
        if render_to is not None:
            raise InputError(f'--render-to is for a spec, and "{path}" is a folder')
        shown = path.as_posix()
        found = Source(path, name or path.resolve().name, "" if shown == "." else shown, False)
    else:
        stem = path.resolve().parent.name if path.name == DEFAULT_SPEC else path.stem
        plan = resolve(load(path))
        folder = _rendered(plan, render_to or place / _UNNAMED)
        shown = render_to.as_posix() if render_to else _UNNAMED
        url = plan.gateway_url if plan.gateway_kind.name == _CODER_KIND else ""
        found = Source(folder, name or stem, shown, True, url)
    if not _NAME.fullmatch(found.name) or len(found.name) > _NAME_LENGTH:
        raise InputError(
            f'"{found.name}" is no name for a template: Coder takes letters, digits and single '
            f"hyphens, at most {_NAME_LENGTH}; give one with --template"
        )
    return found


def checked(source: Source) -> CheckResult:
    """Return what `provisioner validate` finds in the folder, with the settings of its project."""
    from provisioner.validate.files import Disk
    from provisioner.validate.project import Options, Project
    from provisioner.validate.run import validate_units
    from provisioner.validate.settings_file import SettingsFile, find_settings

    disk = Disk()
    file = SettingsFile() if source.is_rendered else find_settings(source.folder, disk)
    project = Project(Options(), file)
    result = validate_units([source.folder], project.request, disk, is_excluded=project.is_excluded)
    result = project.report(result, disk).result
    return _renamed(result, source) if source.is_rendered else result


def _rendered(plan: Plan, folder: Path) -> Path:
    from provisioner.render.template import executable_names, render
    from provisioner.render.write import write_folder

    programs = executable_names(plan)
    write_folder(
        folder, render(plan), executable=programs, otherwise="give --render-to another folder"
    )
    return folder


def _renamed(result: CheckResult, source: Source) -> CheckResult:
    """Name the files as findings of Coder's job do: the folder itself may be gone soon."""
    from msgspec.structs import replace

    def name(path: str) -> str:
        return (Path(source.shown) / Path(path).relative_to(source.folder)).as_posix()

    return replace(
        result,
        findings=tuple(replace(item, path=name(item.path)) for item in result.findings),
        files=tuple(name(path) for path in result.files),
        sources={name(path): text for path, text in result.sources.items()},
    )
