"""A spec, if there is one, with the options of a command laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import FindingsError
from provisioner.finding import CheckResult

if TYPE_CHECKING:
    from provisioner.spec.models import Spec

__all__ = ["merged_spec"]


def merged_spec(path: Path | None, options: Mapping[str, Any]) -> Spec:
    """Return the spec at `path`, or ./provisioner.toml if there is one, with `options` over it.

    `options` has the shape of a spec; None and empty tables in it count as not given. Raises
    `FindingsError` for a wrong spec, and a usage error for options that are wrong or too few.
    """
    import tomlkit

    from provisioner.spec.codes import UNREADABLE
    from provisioner.spec.load import check_spec, parse_spec, read_text

    given = _given(options)
    if path is None and Path(DEFAULT_SPEC).exists():
        path = Path(DEFAULT_SPEC)
    if path is None and "flow" not in given:
        raise click.UsageError("say which flow: give SPEC or --flow")
    text = read_text(path) if path else ""
    if path and not given:
        return parse_spec(text, str(path))
    wrong = check_spec(text, str(path))[1] if path else ()
    if any(finding.code == UNREADABLE.code for finding in wrong):
        parse_spec(text, str(path))
    document = tomlkit.parse(text)
    for key, value in given.items():
        if isinstance(value, dict):
            document.setdefault(key, {}).update(value)
        else:
            document[key] = value
    try:
        return parse_spec(tomlkit.dumps(document), "the options")
    except FindingsError as error:
        left = {finding.message for finding in error.result.findings}
        mistakes = tuple(finding for finding in wrong if finding.message in left)
        if mistakes:  # The options are not to blame.
            raise FindingsError(
                CheckResult(mistakes, (str(path),), sources={str(path): text})
            ) from error
        raise click.UsageError(_words(error)) from error


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        key: _given(value) if isinstance(value, Mapping) else value
        for key, value in options.items()
    }
    return {key: value for key, value in given.items() if value not in (None, {})}


def _words(error: FindingsError) -> str:
    """Say what is wrong without a line: the user wrote options and not a file."""
    return "\n".join(
        finding.message + (f"; {finding.help}" if finding.help else "")
        for finding in error.result.findings
    )
