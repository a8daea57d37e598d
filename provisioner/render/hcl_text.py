"""Text for HCL: strings, heredocs and aligned arguments that mean exactly what was given.

HCL itself brings every string into Unicode's normal form C; nothing else changes on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["Expression", "Rows", "arguments", "block", "heredoc", "object_key", "quoted"]

Rows = Sequence[tuple[str, str]]
"""Arguments: each a name and the source of its value."""


@dataclass(frozen=True, slots=True)
class Expression:
    """HCL source that is evaluated, such as `data.coder_workspace.me.access_url`."""

    source: str


# What Go calls white space; Python counts four control characters more.
_SPACE = "\t\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_KEYS = frozenset({"false", "for", "null", "true"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(*parts: str | Expression) -> str:
    """Return a quoted template whose value is `parts` joined, expressions evaluated."""
    return '"' + "".join(_source(parts, _escape_quoted)) + '"'


def _escape_quoted(text: str) -> str:
    return "".join(
        _ESCAPES.get(
            char, char if char.isprintable() or ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
        )
        for char in text
    )


def _source(parts: Iterable[str | Expression], escape: Callable[[str], str]) -> Iterator[str]:
    """Yield the source of each part; text that stands together is escaped together."""
    merged: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    for part, following in zip_longest(merged, merged[1:]):
        if isinstance(part, Expression):
            yield "${" + part.source + "}"
            continue
        text = escape(part).replace("${", "$${").replace("%{", "%%{")
        kept = text.rstrip("$%") if isinstance(following, Expression) else text
        yield kept
        if kept != text:
            # Right before an expression these would read as an escape.
            yield '${"' + text[len(kept) :] + '"}'


def heredoc(parts: Sequence[str | Expression], indent: int, marker: str = "EOT") -> str:
    """Return a `<<-` heredoc whose value is `parts` joined; the value must end with a newline.

    `indent` is the column of the closing marker; the body stands two further in. Raises
    `ValueError` for a value that a heredoc cannot hold (no final newline, a carriage return).
    """
    text = "".join(part if isinstance(part, str) else "" for part in parts)
    if not parts or not isinstance(parts[-1], str) or not parts[-1].endswith("\n") or "\r" in text:
        raise ValueError("a heredoc holds whole lines without carriage returns")
    source = "".join(_source(parts, str))
    lines = source.removesuffix("\n").split("\n")
    marker = _free_marker(marker, lines)
    if all(line[:1] in _SPACE for line in lines):
        # Terraform trims the indentation all lines share, which would take theirs as well.
        return "\n".join([f"<<{marker}", *lines, marker])
    pad = " " * (indent + 2)
    # Terraform neither counts lines of white space only when it trims, nor trims them.
    body = [pad + line if line.strip(_SPACE) else line for line in lines]
    return "\n".join([f"<<-{marker}", *body, " " * indent + marker])


def object_key(text: str) -> str:
    """Return a key of an object: bare where Terraform takes that for the text itself."""
    return text if _BARE_KEY.fullmatch(text) and text not in _NOT_KEYS else quoted(text)


def _free_marker(marker: str, lines: Iterable[str]) -> str:
    taken = {line.strip() for line in lines}
    candidate, number = marker, 1
    while candidate in taken:
        number += 1
        candidate = f"{marker}{number}"
    return candidate


def arguments(pairs: Iterable[tuple[str, str]], indent: int) -> str:
    """Return `name = value` lines aligned as `terraform fmt` aligns a run of one-line arguments."""
    rows = list(pairs)
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{' ' * indent}{name.ljust(width)} = {value}" for name, value in rows)


def block(header: str, *parts: Rows | str, comment: str = "") -> str:
    """Return a block as `terraform fmt` writes it: `parts` apart by an empty line.

    A part is a run of one-line arguments, or source that is indented already. Empty ones vanish.
    """
    texts = [part if isinstance(part, str) else arguments(part, indent=2) for part in parts if part]
    lines = [f"# {comment}"] * bool(comment)
    return "\n".join([*lines, f"{header} {{", "\n\n".join(texts), "}"])
