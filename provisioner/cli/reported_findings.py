"""Findings that stop a command → its report, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

__all__ = ["reported_findings"]


@contextmanager
def reported_findings(
    ctx: click.Context, format_name: str, output_file: Path | None = None
) -> Iterator[None]:
    """Write the findings that the block ends with, and end the command with exit code 1."""
    from provisioner.cli.write_report import write_report
    from provisioner.errors import FindingsError

    try:
        yield
    except FindingsError as error:
        write_report(error.result, format_name, output_file)
        ctx.exit(error.exit_code)
