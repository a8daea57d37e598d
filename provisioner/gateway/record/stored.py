"""Values on their way to and from a column: the same for every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

__all__ = ["Stored", "indexable", "microseconds", "moment", "storable", "values_of"]

_LONGEST = 256
_INDEXED = frozenset({"client_session_id", "correlating_tool_call_id", "tool_call_id"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Return an aware time as it is stored."""
    return (time - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Return a stored time, in UTC."""
    return _EPOCH + stored * _MICROSECOND


def storable(text: str) -> str:
    """Return `text` as every database can hold it.

    Headers and JSON may carry lone surrogates, which are not UTF-8, and NUL, which PostgreSQL
    refuses: one such record must not stop all that come after it.
    """
    if text.isascii() and "\0" not in text:
        # Almost all is; of an enumeration only the text.
        return str(text)
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


class Stored:
    """Makes rows of records: the values of some columns, in their order."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the columns `names`, at least two, from records that have fields of those names."""
        self.names = tuple(names)
        self._values = attrgetter(*self.names)
        self._kept: tuple[Callable[[Any], object], ...] = tuple(
            indexable if name in _INDEXED else _stored for name in self.names
        )

    def row(self, record: object) -> tuple[object, ...]:
        """Return the values of `record` as columns hold them."""
        return tuple(
            [keep(value) for keep, value in zip(self._kept, self._values(record), strict=True)]
        )


def values_of(row: RowMapping, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns `names` of `row`; what ends in `_at` is a time."""
    return {
        name: moment(row[name]) if name.endswith("_at") and row[name] is not None else row[name]
        for name in names
    }


def indexable(identifier: str | None) -> str | None:
    """Return an id that a client chose so that it fits an index; PostgreSQL takes 2,704 bytes.

    What stands for a long one is as different from others as the whole.
    """
    if identifier is None or len(identifier) <= _LONGEST:
        return identifier and storable(identifier)
    digest = hashlib.sha256(identifier.encode(errors="surrogatepass")).hexdigest()
    return f"{storable(identifier[: _LONGEST - len(digest) - 1])}~{digest}"


def _stored(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    return microseconds(value) if isinstance(value, datetime) else value
