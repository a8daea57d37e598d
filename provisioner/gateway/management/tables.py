"""Documents of the management API in, what a person reads out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.gateway.management.export import TOKEN_FIELDS
from provisioner.redact import hint, mask_by_look

__all__ = [
    "budgets_text",
    "interceptions_text",
    "keys_text",
    "session_text",
    "sessions_text",
    "tokens_text",
    "usage_text",
]

_PROMPT = 60
_TOKENS = (
    ("IN", "input_tokens"),
    ("CACHED", "cache_read_input_tokens"),
    ("OUT", "output_tokens"),
)
_HEADS = tuple(name for name, _ in _TOKENS)


def sessions_text(document: Mapping[str, Any]) -> str:
    """Return a list of sessions as a table."""
    rows = [
        (
            _time(entry["started_at"]),
            _time(entry["last_active_at"]),
            entry["initiator"]["username"],
            entry["client"],
            ", ".join(entry["provider_names"]),
            ", ".join(entry["models"]),
            str(entry["threads"]),
            *(str(entry["token_usage_summary"][name]) for _, name in _TOKENS),
            _short(entry["last_prompt"]),
            entry["id"],
        )
        for entry in document["sessions"]
    ]
    heads = ("STARTED", "LAST ACTIVE", "USER", "CLIENT", "PROVIDERS", "MODELS", "THREADS")
    return _table((*heads, *_HEADS, "LAST PROMPT", "ID"), rows) or "no sessions recorded yet"


def session_text(document: Mapping[str, Any]) -> str:
    """Return one session with its threads as paragraphs."""
    user, client = document["initiator"]["username"], document["client"]
    blocks = [[f"session {document['id']} of {user}, {client}"]]
    blocks += [list(_thread(thread)) for thread in document["threads"]]
    return "\n\n".join("\n".join(_printable(line) for line in block) for block in blocks)


def interceptions_text(document: Mapping[str, Any]) -> str:
    """Return a list of interceptions as a table."""
    rows = [
        (
            _time(entry["started_at"]),
            _time(entry["ended_at"]),
            entry["provider_name"],
            entry["model"],
            f"{entry['credential_kind']} {entry['credential_hint']}".rstrip(),
            entry["initiator"],
            f"{entry['outcome']} {entry['status'] or ''}".rstrip(),
            *(
                str(sum(usage[TOKEN_FIELDS[name]] for usage in entry["token_usage"]))
                for _, name in _TOKENS
            ),
            ", ".join(tool["tool"] for tool in entry["tools"]),
            entry["id"],
        )
        for entry in document["records"]
    ]
    heads = ("STARTED", "ENDED", "PROVIDER", "MODEL", "CREDENTIAL", "USER", "STATUS")
    return _table((*heads, *_HEADS, "TOOLS", "ID"), rows) or "no interceptions recorded yet"


def usage_text(document: Mapping[str, Any]) -> str:
    """Return usage as a table with a last line that adds all up."""
    by = document["by"]
    entries = [*document["usage"], {by: "total", **document["total"]}]
    rows = [
        (
            entry[by],
            *(str(entry[name]) for name in ("interceptions", "failed")),
            *(str(entry[name]) for _, name in _TOKENS),
        )
        for entry in entries
    ]
    heads = (by.upper().replace("_", " "), "INTERCEPTIONS", "FAILED", *_HEADS)
    return _table(heads, rows)


def budgets_text(budgets: Sequence[Mapping[str, Any]]) -> str:
    """Return budgets as a table, one line for each account."""
    nobody = {"name": "(nobody yet)", "spent": "", "reserved": "", "remaining": ""}
    rows = [
        (
            budget["name"],
            f"{budget['scope']} {budget['scope_id']}".rstrip(),
            budget["window"],
            account["name"],
            *(str(account[name]) for name in ("spent", "reserved", "remaining")),
            f"{budget['limit']} {budget['unit']}",
            _time(budget["resets_at"]) or "never",
        )
        for budget in budgets
        for account in budget["accounts"] or [nobody]
    ]
    heads = ("BUDGET", "SCOPE", "WINDOW", "SUBJECT", "SPENT", "RESERVED", "LEFT", "LIMIT", "RESETS")
    return _table(heads, rows) or "no budgets in the configuration"


def tokens_text(tokens: Sequence[Mapping[str, Any]]) -> str:
    """Return tokens as a table."""
    rows = [
        (
            _time(token["created_at"]),
            _time(token["expires_at"]) or "never",
            _time(token["last_used"]) or "never",
            token["username"],
            token["token_name"],
            token["hint"],
            token["state"],
            token["id"],
        )
        for token in tokens
    ]
    heads = ("CREATED", "EXPIRES", "LAST USED", "USER", "NAME", "TOKEN", "STATE", "ID")
    return _table(heads, rows) or "no tokens"


def keys_text(keys: Sequence[Mapping[str, Any]]) -> str:
    """Return virtual keys as a table."""
    rows = [
        (
            _time(key["created_at"]),
            _time(key["expires_at"]) or "never",
            _time(key["last_used"]) or "never",
            key["user"] or "(shared)",
            key["name"],
            key["hint"],
            key["state"],
            key["id"],
        )
        for key in keys
    ]
    heads = ("CREATED", "EXPIRES", "LAST USED", "USER", "NAME", "KEY", "STATE", "ID")
    return _table(heads, rows) or "no virtual keys"


def _thread(thread: Mapping[str, Any]) -> Iterator[str]:
    yield f"{_time(thread['started_at'])}  {_short(thread['prompt'], 200) or '(no prompt)'}"
    tokens = ", ".join(f"{thread['token_usage'][name]} {head}" for head, name in _TOKENS)
    credential = f"{thread['credential_kind']} {thread['credential_hint']}".rstrip()
    yield f"  {thread['provider_name']} {thread['model']}, {credential}; tokens: {tokens}"
    for action in thread["agentic_actions"]:
        for thought in action["thinking"]:
            yield f"  thinks  {_short(thought['text'], 200)}"
        for call in action["tool_calls"]:
            yield f"  calls   {call['tool']} {_short(call['input'], 200)}"
    if thread["error_type"]:
        yield f"  {thread['error_type']}  {thread['error_message'] or ''}".rstrip()


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    cells = [list(heads), *([_printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def _time(text: str | None) -> str:
    return f"{text[:19].replace('T', ' ')}Z" if text else ""


def _short(text: str | None, most: int = _PROMPT) -> str:
    # A key that was pasted into a prompt must not end on a screen that others see.
    line = mask_by_look(" ".join((text or "").split()), hint)
    return line if len(line) <= most else f"{line[: most - 3]}..."


def _printable(cell: str) -> str:
    """Return `cell` without what could steer a terminal: clients choose models and tool names."""
    return "".join(character if character.isprintable() else "?" for character in cell)
