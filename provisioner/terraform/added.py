"""A result of the validator → the same with what the user's Terraform says about its folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from provisioner.errors import MissingToolError
from provisioner.finding import CheckResult, Finding, Severity, sorted_findings
from provisioner.terraform.check import terraform_findings, terraform_ready
from provisioner.validate.rules.prv003_unused_suppression import (
    unused_findings,
    unused_suppression,
)
from provisioner.validate.suppress import suppress_terraform
from provisioner.validate.terraform_codes import TERRAFORM_CODES

__all__ = ["PROGRAMS", "found_program", "with_terraform"]

PROGRAMS = ("terraform", "tofu")
"""In the order in which they are looked for."""


def found_program(named: str | None = None) -> str:
    """Return the path of the program `named`, or of the first of `PROGRAMS` on PATH.

    It is looked for from here, and never in a folder that is checked. Raises `MissingToolError`.
    """
    for name in PROGRAMS if named is None else (named,):
        found = shutil.which(name)
        if found:
            return str(Path(found).absolute())
    if named is not None:
        raise MissingToolError(f'"{named}" is not on PATH, or cannot be run; install Terraform')
    raise MissingToolError(f"none of {', '.join(PROGRAMS)} is on PATH; install one")


def with_terraform(
    result: CheckResult,
    program: str,
    progress: Callable[[int, int], None],
    is_selected: Callable[[str, str], bool] = lambda _code, _name: True,
) -> CheckResult:
    """Ask `program` about every folder of which a `.tf` file was checked.

    Findings whose code and name are not selected are left out, and those that a comment covers.

    What it says about files that were not asked for, and about lines where an error is already
    known, is left out. Raises `MissingToolError` without the program and `InputError` when it gives
    no verdict.
    """
    folders = _folders(result.files)
    found = list[Finding]()
    for done, folder in enumerate(folders):
        progress(done, len(folders))
        with terraform_ready(folder) as environment:
            found += terraform_findings(folder, environment, program)
    new = [item for item in _new(found, result) if is_selected(item.code, item.name)]
    codes = [item.code for item in TERRAFORM_CODES if is_selected(item.code, item.name)]
    judged = suppress_terraform(new, result.sources, codes)
    about = unused_findings(unused_suppression, judged.suppressions)
    unused = [item for item in about if is_selected(item.code, item.name)]
    count = f"{len(folders)} folder{'' if len(folders) == 1 else 's'}"
    return replace(
        result,
        findings=sorted_findings([*result.findings, *judged.kept, *unused]),
        hidden=sorted_findings([*result.hidden, *judged.hidden]),
        suppressed=result.suppressed + len(judged.hidden),
        also=(*result.also, f"{Path(program).name} asked about {count}"),
    )


def _folders(files: Iterable[str]) -> list[Path]:
    return list(
        dict.fromkeys(Path(file).parent for file in files if file.endswith((".tf", ".tf.json")))
    )


def _new(found: Iterable[Finding], result: CheckResult) -> Iterable[Finding]:
    known = {
        (item.path, item.span.start.line)
        for item in (*result.findings, *result.hidden)
        if item.severity is Severity.ERROR
    }
    asked: Sequence[str] = [*result.files, *map(Path.as_posix, _folders(result.files))]
    for item in found:
        if item.path in asked and (item.path, item.span.start.line) not in known:
            yield item
