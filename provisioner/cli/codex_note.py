"""A word on a Codex that nobody has measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provisioner.knowledge.version import Version

__all__ = ["note_unmeasured"]


def note_unmeasured(codex: Version) -> None:
    """Say on stderr when `codex` is newer than the newest one measured."""
    from provisioner.knowledge.codex import newest_codex

    if codex > newest_codex():
        click.echo(
            f"note: Codex {codex} is newer than {newest_codex()}, the newest one measured, "
            "and is treated as that one",
            err=True,
        )
