"""Values on their way to and from a column: the same for every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

__all__ = ["indexable", "microseconds", "moment", "storable", "stored_row", "values_of"]

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
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def stored_row(values: Mapping[str, object]) -> dict[str, object]:
    """Return `values` as columns hold them."""
    return {
        name: indexable(value)
        if name in _INDEXED and (value is None or isinstance(value, str))
        else _stored(value)
        for name, value in values.items()
    }


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
    if isinstance(value, datetime):
        return microseconds(value)
    return storable(value) if isinstance(value, str) else value
