"""All interceptions that fit into a file, a page at a time: JSON lines, or CSV of the numbers."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from provisioner.errors import OutputError
from provisioner.gateway.management.client import ManagementClient, path_of

__all__ = ["TOKEN_FIELDS", "export_interceptions", "new_file"]

_PAGE = "500"
TOKEN_FIELDS = {
    "input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_write_input_tokens": "cache_write",
    "output_tokens": "output",
}
"""Names of tokens in sums → fields of a record."""

_COLUMNS = (
    "id",
    "session_id",
    "thread_id",
    "started_at",
    "ended_at",
    "user",
    "user_id",
    "client",
    "provider",
    "provider_name",
    "model",
    "credential_kind",
    "credential_hint",
    "outcome",
    "status",
    "error",
    *TOKEN_FIELDS,
    "prompts",
    "tool_calls",
)
# A spreadsheet takes what begins so for a formula, and clients choose models.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_interceptions(client: ManagementClient, search: str, form: str, out: TextIO) -> None:
    """Write what fits `search` to `out` in the form `jsonl` or `csv`."""
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for entry in _all(client, search):
            writer.writerow(_row(entry))
    else:
        for entry in _all(client, search):
            out.write(f"{json.dumps(entry)}\n")


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Make the file `path` for its owner only; half of one is taken away again."""
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    try:
        with open(number, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _all(client: ManagementClient, search: str) -> Iterator[Mapping[str, Any]]:
    after = ""
    while True:
        query = {"q": search, "limit": _PAGE, "after_id": after}
        results = client.ask("GET", path_of("aibridge", "records"), query)["records"]
        yield from results
        if len(results) < int(_PAGE):
            return
        after = results[-1]["id"]


def _row(entry: Mapping[str, Any]) -> list[object]:
    plain = {
        **entry,
        "thread_id": entry["thread_root_id"] or entry["id"],
        "user": entry["initiator"],
        "user_id": entry["initiator_id"],
        "prompts": len(entry["prompts"]),
        "tool_calls": len(entry["tools"]),
    }
    for name, field in TOKEN_FIELDS.items():
        plain[name] = sum(usage[field] for usage in entry["token_usage"])
    return [_cell(plain[name]) for name in _COLUMNS]


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
