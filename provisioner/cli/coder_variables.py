"""Values for a template's variables: files that Terraform reads by itself, a file, options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from provisioner.cli.declared_variables import declared_variables
from provisioner.errors import InputError
from provisioner.redact import Secret, is_secret_name

__all__ = ["GivenVariables", "given_variables"]

_PREFIX = "TF_VAR_"
_LEAST_LENGTH = 6
"""Of what can be a secret: hiding "e" or "true" would leave nothing to read of a log."""


@dataclass(frozen=True, slots=True)
class GivenVariables:
    """Values by name, and which of them are secrets."""

    values: Mapping[str, Secret]
    secrets: tuple[Secret, ...]
    """Those that must not be shown: declared sensitive, named like a secret, or from TF_VAR_."""


def given_variables(folder: Path, options: Iterable[str], file: Path | None) -> GivenVariables:
    """Return the values by name; options win over `file`, that over the folder's own files.

    As with Terraform and Coder's own CLI, the folder's are terraform.tfvars and *.auto.tfvars. An
    option without a value takes that of the environment variable TF_VAR_NAME, so that a secret
    need not stand on a command line. What a file says of a variable that the template does not
    declare is left out, as by Terraform. Raises `InputError` for a file that cannot be read, and
    for an option that names such a variable.
    """
    declared = declared_variables(folder)
    found = dict[str, str]()
    for path in [*_own_files(folder), *([file] if file else [])]:
        found |= _declared_of(path, declared)
    from_environment = set[str]()
    for text in options:
        name, equals, value = text.partition("=")
        _refuse_undeclared(name, declared)
        if not equals:
            value = _in_environment(name)
            from_environment.add(name)
        found[name] = value
    return GivenVariables(
        {name: Secret(value) for name, value in found.items()},
        tuple(
            Secret(value)
            for name, value in found.items()
            if len(value) >= _LEAST_LENGTH
            and (name in from_environment or is_secret_name(name) or _is_sensitive(declared, name))
        ),
    )


def _declared_of(path: Path, declared: Mapping[str, bool] | None) -> dict[str, str]:
    values = _read(path)
    if declared is None:
        return values
    if others := [name for name in values if name not in declared]:
        click.echo(
            f"warning: {path}: left out, as the template declares no such variable: "
            f"{', '.join(others)}",
            err=True,
        )
    return {name: value for name, value in values.items() if name in declared}


def _refuse_undeclared(name: str, declared: Mapping[str, bool] | None) -> None:
    if not name:
        raise click.UsageError("--variable names no variable")
    if declared is not None and name not in declared:
        there = f"there are: {', '.join(sorted(declared))}" if declared else "there are none"
        raise InputError(f'--variable: the template declares no variable "{name}"; {there}')


def _in_environment(name: str) -> str:
    value = os.environ.get(f"{_PREFIX}{name}")
    if value is None:
        raise click.UsageError(f'"--variable {name}" has no value, and {_PREFIX}{name} is not set')
    return value


def _is_sensitive(declared: Mapping[str, bool] | None, name: str) -> bool:
    """What could be is, in a template that cannot be parsed."""
    return declared is None or declared[name]


def _own_files(folder: Path) -> list[Path]:
    first = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    auto = [*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")]
    return [path for path in [*first, *sorted(auto)] if path.is_file()]


def _read(path: Path) -> dict[str, str]:
    from provisioner.syntax.hcl_values import hcl_values

    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else hcl_values(text)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path} is not a file of variables: {error}") from error
    if not isinstance(data, Mapping):
        raise InputError(f"{path} is not a file of variables: it has no names")
    return {str(name): _text(value) for name, value in data.items()}


def _text(value: object) -> str:
    """Write a value as Terraform's `-var` takes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
