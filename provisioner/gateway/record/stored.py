"""Values on their way to and from a column: the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

__all__ = ["microseconds", "moment", "stored_row", "values_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Return an aware time as it is stored."""
    return (time - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Return a stored time, in UTC."""
    return _EPOCH + stored * _MICROSECOND


def stored_row(values: Mapping[str, object]) -> dict[str, object]:
    """Return `values` as columns hold them."""
    return {name: _stored(value) for name, value in values.items()}


def values_of(row: RowMapping, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns `names` of `row`; what ends in `_at` is a time."""
    return {
        name: moment(row[name]) if name.endswith("_at") and row[name] is not None else row[name]
        for name in names
    }


def _stored(value: object) -> object:
    """Return `value` as every database can hold it.

    Headers and JSON may carry lone surrogates, which are not UTF-8, and NUL, which PostgreSQL
    refuses: one such record must not stop all that come after it.
    """
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value
