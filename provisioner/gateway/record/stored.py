"""Values on their way to and from a column: the same for every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_args

from msgspec.structs import fields

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
    """Makes rows of records of one kind: the values of some columns, in their order."""

    def __init__(self, kind: type, names: Iterable[str] = ()) -> None:
        """Take the fields `names` of `kind`, at least two, or all that it has."""
        types = {entry.name: entry.type for entry in fields(kind)}
        self.names = tuple(names) or tuple(types)
        self._values = attrgetter(*self.names)
        held = [(place, name, types[name]) for place, name in enumerate(self.names)]
        # What a column takes as it is costs nothing: a row has up to twenty-five of them.
        self._ids = [place for place, name, _ in held if name in _INDEXED]
        self._texts = [
            place for place, _, type_ in held if _may_be(type_, str) and place not in self._ids
        ]
        self._times = [place for place, _, type_ in held if _may_be(type_, datetime)]

    def row(self, record: object) -> Sequence[object]:
        """Return the values of `record` as columns hold them."""
        row = list(self._values(record))
        for place in self._texts:
            if row[place]:
                row[place] = storable(row[place])
        for place in self._times:
            if row[place] is not None:
                row[place] = microseconds(row[place])
        for place in self._ids:
            row[place] = indexable(row[place])
        return row


def _may_be(declared: Any, kind: type) -> bool:  # noqa: ANN401 - an annotation
    return any(
        isinstance(one, type) and issubclass(one, kind) for one in get_args(declared) or (declared,)
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
