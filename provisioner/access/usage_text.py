"""A ledger → the text of the usage file that says it."""

from __future__ import annotations

from collections.abc import Iterable

import tomlkit

from provisioner.access.usage import Spending

__all__ = ["usage_text"]

_EMPTY = "# Nothing was spent.\n"


def usage_text(ledger: Iterable[Spending]) -> str:
    """Return one table for each row; reading it gives the same rows again."""
    tables = tomlkit.aot()
    for row in ledger:
        table = tomlkit.table()
        table.add("day", row.day)
        table.add("mode", row.mode.value)
        table.add("pool", row.provider.value)
        # Scientific notation is hard to read, and without a point it is no float.
        amount = f"{row.dollars:f}"
        table.add("usd", tomlkit.float_(amount if "." in amount else f"{amount}.0"))
        if row.organization:
            table.add("organization", row.organization)
        tables.append(table)
    return tomlkit.dumps({"spent": tables}) if tables else _EMPTY
