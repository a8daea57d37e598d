"""How far a long run is, for a person who waits at a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

__all__ = ["progress"]

_FEWEST = 20


@contextlib.contextmanager
def progress(verb: str, things: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function to call with the number of things that are done, and of all.

    It writes one line over and over, which is gone in the end; nothing where nobody looks, or for
    a few things.
    """
    width = 0

    def show(done: int, total: int) -> None:
        nonlocal width
        if total >= _FEWEST and sys.stderr.isatty():
            text = f"{verb} {done:,} of {total:,} {things}"
            width = max(width, len(text))
            click.echo(f"\r{text}", err=True, nl=False)

    try:
        yield show
    finally:
        if width:
            click.echo(f"\r{' ' * width}\r", err=True, nl=False)
