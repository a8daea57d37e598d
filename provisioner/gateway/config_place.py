"""An error about what the configuration names in, one that says where it is named out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.errors import InputError

__all__ = ["named_in"]


@contextmanager
def named_in(place: str) -> Iterator[None]:
    """Put `place`, a file or the path of a key, before each line of an `InputError`.

    An empty place is none, as of a gateway without a file.
    """
    try:
        yield
    except InputError as error:
        if not place:
            raise
        lines = str(error).splitlines()
        raise InputError("\n".join(f"{place}: {line}" for line in lines)) from error
