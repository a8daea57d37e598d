"""Parameters and a preset as they were given → what a workspace of a template version is made with.

What Coder would refuse after a queue and a build is refused here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Parameter, Preset
from provisioner.errors import InputError

__all__ = ["WorkspaceValues", "workspace_values"]

_MANY_VALUES = "list(string)"


@dataclass(frozen=True, slots=True)
class WorkspaceValues:
    """What is sent."""

    parameters: Mapping[str, str]
    preset_id: str
    """Empty for none."""


def workspace_values(
    client: CoderClient, version_id: str, given: Mapping[str, str], preset: str
) -> WorkspaceValues:
    """Return the values for a workspace of a version; raises `InputError` for what does not fit."""
    parameters = client.templates.parameters(version_id)
    chosen = _preset(client.templates.presets(version_id), preset) if preset else None
    taken = chosen.values if chosen else {}
    known = {item.name: item for item in parameters}
    for name, value in given.items():
        if name not in known:
            raise InputError(f'the template has no parameter "{name}"; {_there_are(known)}')
        _refuse_other_option(known[name], value)
        if taken.get(name, value) != value:
            raise InputError(
                f'preset "{preset}" sets "{name}" to "{taken[name]}"; leave out one of the two'
            )
    missing = [item.name for item in parameters if item.required]
    missing = [name for name in missing if name not in given and name not in taken]
    if missing:
        words = ", ".join(f"--parameter {name}=VALUE" for name in missing)
        raise InputError(f"the template needs more: give {words}")
    return WorkspaceValues({**taken, **given}, chosen.id if chosen else "")


def _preset(presets: Iterable[Preset], name: str) -> Preset:
    by_name = {item.name: item for item in presets}
    for item in by_name.values():
        if item.name.casefold() == name.casefold():
            return item
    raise InputError(f'the template has no preset "{name}"; {_there_are(by_name)}')


def _refuse_other_option(parameter: Parameter, value: str) -> None:
    options = [option.value for option in parameter.options]
    if options and parameter.type != _MANY_VALUES and value not in options:
        raise InputError(f'parameter "{parameter.name}" cannot be "{value}"; {_there_are(options)}')


def _there_are(names: Iterable[str]) -> str:
    return f"there are: {', '.join(sorted(names))}" if names else "there are none"
