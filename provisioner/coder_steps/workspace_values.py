"""Parameters and a preset as they were given → what a workspace of a template version is made with.

What Coder would refuse after a queue and a build is refused here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Parameter, Preset
from provisioner.errors import InputError

__all__ = ["WorkspaceValues", "changed_values", "workspace_values"]

_MANY_VALUES = "list(string)"
_TRUTHS = ("false", "true")


@dataclass(frozen=True, slots=True)
class WorkspaceValues:
    """What is sent."""

    parameters: Mapping[str, str]
    preset_id: str
    """Empty for none."""


def workspace_values(
    client: CoderClient, version_id: str, given: Mapping[str, str], preset: str
) -> WorkspaceValues:
    """Return the values for a new workspace; raises `InputError` for what does not fit."""
    parameters = client.templates.parameters(version_id)
    chosen = _preset(client.templates.presets(version_id), preset) if preset else None
    taken = chosen.values if chosen else {}
    _refuse_wrong(parameters, given)
    for name, value in given.items():
        if taken.get(name, value) != value:
            raise InputError(
                f'preset "{preset}" sets "{name}" to "{taken[name]}"; leave out one of the two'
            )
    _refuse_missing(parameters, {**taken, **given})
    return WorkspaceValues({**taken, **given}, chosen.id if chosen else "")


def changed_values(
    client: CoderClient, version_id: str, given: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """Return which of `given` are others than the workspace has `now`.

    Raises `InputError` for what the version does not take, or does not let change.
    """
    parameters = client.templates.parameters(version_id)
    _refuse_wrong(parameters, given)
    _refuse_missing(parameters, {**now, **given})
    known = {item.name: item for item in parameters}
    changed = dict[str, str]()
    for name, value in given.items():
        if known[name].ephemeral or now.get(name) != value:
            changed[name] = value
            if name in now and not known[name].mutable:
                raise InputError(
                    f'parameter "{name}" is "{now[name]}", and stays so: the template lets it be '
                    "set only when a workspace is made"
                )
    return changed


def _refuse_wrong(parameters: Iterable[Parameter], given: Mapping[str, str]) -> None:
    known = {item.name: item for item in parameters}
    for name, value in given.items():
        if name not in known:
            raise InputError(f'the template has no parameter "{name}"; {_there_are(known)}')
        _refuse_other_option(known[name], value)
        _refuse_other_type(known[name], value)


def _refuse_missing(parameters: Iterable[Parameter], values: Mapping[str, str]) -> None:
    missing = [item.name for item in parameters if item.required and item.name not in values]
    if missing:
        words = ", ".join(f"--parameter {name}=VALUE" for name in missing)
        raise InputError(f"the template needs more: give {words}")


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


def _refuse_other_type(parameter: Parameter, value: str) -> None:
    """Say what Coder would; a regular expression is left to it, whose dialect is Go's."""
    name, least, most = parameter.name, parameter.validation_min, parameter.validation_max
    if parameter.type == "bool" and value not in _TRUTHS:
        raise InputError(f'parameter "{name}" cannot be "{value}"; {_there_are(_TRUTHS)}')
    if parameter.type != "number":
        return
    try:
        number = float(value)
    except ValueError:
        raise InputError(f'parameter "{name}" cannot be "{value}"; it is a number') from None
    if least is not None and number < least:
        raise InputError(f'parameter "{name}" cannot be {value}; it is {least} or more')
    if most is not None and number > most:
        raise InputError(f'parameter "{name}" cannot be {value}; it is {most} or less')


def _there_are(names: Iterable[str]) -> str:
    return f"there are: {', '.join(sorted(names))}" if names else "there are none"
