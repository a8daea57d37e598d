"""Pairs that leave or enter an inline table → splices that keep its commas right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from provisioner.codex_home.toml_layout import Layout, Pair, Range

__all__ = ["Splice", "inline_splices"]

Splice = tuple[int, int, str]


def inline_splices(
    text: str, layout: Layout, gone: Collection[Range], added: Mapping[Range, Sequence[str]]
) -> Iterator[Splice]:
    """Yield the splices for all inline tables; `added` is by the place of the table."""
    for pair in layout.all_pairs():
        if text[pair.value[0]] == "{":
            yield from _removals(pair, gone)
            if pair.value in added:
                yield _addition(pair, gone, added[pair.value])


def _removals(table: Pair, gone: Collection[Range]) -> Iterator[Splice]:
    """Take the comma before a pair, or the one after it while nothing before it stays."""
    is_first, end = True, 0
    for index, pair in enumerate(table.inner):
        start, following = pair.span[0], table.inner[index + 1 : index + 2]
        if pair.span not in gone:
            is_first = False
        elif not is_first:
            yield end, pair.span[1], ""
        else:
            yield start, following[0].span[0] if following else pair.span[1], ""
        end = pair.span[1]


def _addition(table: Pair, gone: Collection[Range], entries: Sequence[str]) -> Splice:
    new = ", ".join(entries)
    if not table.inner:
        return table.value[0] + 1, table.value[0] + 1, f" {new} "
    end = table.inner[-1].span[1]
    stays = any(pair.span not in gone for pair in table.inner)
    return end, end, f", {new}" if stays else new
