"""Values for a template's variables: files that Terraform reads by itself, a file, options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from provisioner.cli.declared_variables import declared_variables
from provisioner.errors import InputError
from provisioner.redact import Secret

__all__ = ["given_variables"]

_PREFIX = "TF_VAR_"


def given_variables(folder: Path, options: Iterable[str], file: Path | None) -> dict[str, Secret]:
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
        values = _read(path)
        found |= {name: value for name, value in values.items() if _is_one_of(declared, name)}
        if others := [name for name in values if not _is_one_of(declared, name)]:
            click.echo(
                f"warning: {path}: left out, as the template declares no such variable: "
                f"{', '.join(others)}",
                err=True,
            )
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            given = os.environ.get(f"{_PREFIX}{name}")
            if given is None:
                raise click.UsageError(
                    f'"--variable {text}" has no value, and {_PREFIX}{name} is not set'
                )
            value = given
        if not name:
            raise click.UsageError(f'"--variable {text}" names no variable')
        if declared is not None and name not in declared:
            there = f"there are: {', '.join(sorted(declared))}" if declared else "there are none"
            raise InputError(f'--variable: the template declares no variable "{name}"; {there}')
        found[name] = value
    return {name: Secret(value) for name, value in found.items()}


def _is_one_of(declared: Mapping[str, bool] | None, name: str) -> bool:
    """Of a template that cannot be parsed, Coder will say what is wrong."""
    return declared is None or name in declared


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
