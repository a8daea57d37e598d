"""Steps on keys → changes of a text, each at the place and in the way of writing that is there."""

from __future__ import annotations

from provisioner.codex_home.document import Document
from provisioner.codex_home.inline_edit import inline_splices
from provisioner.codex_home.model import KeyPath
from provisioner.codex_home.root_place import root_place
from provisioner.codex_home.toml_layout import Pair, Range, starts_with
from provisioner.codex_home.toml_values import dotted

__all__ = ["Editor"]


class Editor:
    """Collects changes to one document; `text` returns the result.

    A change inside a managed block is collected too, and its place listed in `managed`: the caller
    must not use the text then.
    """

    def __init__(self, document: Document) -> None:
        """Start with no change."""
        self.managed: dict[KeyPath, int] = {}
        self._document = document
        self._layout = document.layout
        self._root = root_place(document)
        self._replaced: dict[Range, str] = {}
        self._gone: set[Range] = set()
        self._lines: dict[int, list[str]] = {}
        self._inline: dict[Range, list[str]] = {}
        self._tables: dict[KeyPath, list[str]] = {}

    def set(self, path: KeyPath, raw: str) -> None:
        """Give the key the TOML value `raw`, where it stands or in its table."""
        pair = self._layout.pair(path)
        if pair:
            self._touch(path, pair.key[0])
            self._replaced[pair.value] = raw
        else:
            self.remove(path)
            self._add(path, raw)

    def remove(self, path: KeyPath) -> None:
        """Take away the key, or the table with all that is in it."""
        spans = [pair.span for pair in self._layout.pieces(path)]
        spans += [
            section.span for section in self._layout.sections[1:] if starts_with(section.path, path)
        ]
        for span in spans:
            self._touch(path, span[0])
            self._gone.add(span)

    def text(self) -> str:
        """Return the changed text; everything else in it is as it was."""
        source = self._document.text
        inline = {inner.span for pair in self._layout.all_pairs() for inner in pair.inner}
        splices = [(start, end, raw) for (start, end), raw in self._replaced.items()]
        splices += [(start, end, "") for start, end in self._gone - inline]
        splices += inline_splices(source, self._layout, self._gone, self._inline)
        splices += [(offset, offset, self._new_lines(offset)) for offset in self._lines]
        pieces, done = list[str](), 0
        for start, end, new in sorted(splices):
            pieces += [source[done:start], new]
            done = end
        return self._with_tables("".join([*pieces, source[done:]]))

    def _new_lines(self, offset: int) -> str:
        source, newline = self._document.text, self._document.newline
        before = offset > 0 and source[offset - 1] != "\n"
        after = offset == self._root.offset and self._root.blank_line_after
        return newline * before + "".join(self._lines[offset]) + newline * after

    def _with_tables(self, text: str) -> str:
        """Append the tables that were nowhere: below every managed block."""
        newline = self._document.newline
        for table, lines in self._tables.items():
            if text and not text.endswith("\n"):
                text += newline
            if text and not text.endswith(("\n\n", "\n\r\n")):
                text += newline
            text += newline.join([f"[{dotted(table)}]", *lines, ""])
        return text

    def _touch(self, path: KeyPath, offset: int) -> None:
        if any(start <= offset < end for start, end in self._document.managed):
            self.managed[path] = offset

    def _add(self, path: KeyPath, raw: str) -> None:
        table = path[:-1]
        holder = self._inline_holder(table)
        place = self._place_in_section(path)
        if holder:
            self._touch(path, holder.key[0])
            entry = f"{dotted(path[len(holder.path) :])} = {raw}"
            self._inline.setdefault(holder.value, []).append(entry)
        elif place:
            offset, indent, name = place
            line = f"{indent}{dotted(name)} = {raw}{self._document.newline}"
            self._lines.setdefault(offset, []).append(line)
        else:
            self._tables.setdefault(table, []).append(f"{dotted(path[-1:])} = {raw}")

    def _inline_holder(self, table: KeyPath) -> Pair | None:
        """Return the innermost inline table that `table` is, or is in."""
        holders = [pair for pair in self._layout.all_pairs() if starts_with(table, pair.path)]
        return max(holders, key=lambda pair: len(pair.path), default=None)

    def _place_in_section(self, path: KeyPath) -> tuple[int, str, KeyPath] | None:
        """Return offset, indentation and key of a new line, where the table is already there."""
        table = path[:-1]
        if not table:
            return self._root.offset, "", path
        for number, section in enumerate(self._layout.sections):
            if section.path == table and not section.is_array:
                below = [pair for pair in self._layout.pairs if pair.section == number]
                return self._line_after(path, number, below[-1] if below else None)
        dotted_pairs = [
            pair
            for pair in self._layout.pairs
            if starts_with(pair.path, table)
            and len(self._layout.sections[pair.section].path) < len(table)
        ]
        if not dotted_pairs:
            return None
        return self._line_after(path, dotted_pairs[-1].section, dotted_pairs[-1])

    def _line_after(
        self, path: KeyPath, number: int, pair: Pair | None
    ) -> tuple[int, str, KeyPath]:
        section = self._layout.sections[number]
        if number:
            self._touch(path, section.span[0])
        name = path[len(section.path) :]
        if pair is None:
            return section.span[1], "", name
        self._touch(path, pair.span[0])
        return pair.span[1], self._document.text[pair.span[0] : pair.key[0]], name
