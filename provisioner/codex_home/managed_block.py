"""The block of config.toml that the registry's Codex module writes anew at each workspace start."""

from __future__ import annotations

from provisioner.codex_home.toml_layout import Range

__all__ = ["MANAGED_END", "MANAGED_START", "managed_blocks"]

MANAGED_START = "# >>> coder-managed: codex module >>>"
MANAGED_END = "# <<< coder-managed: codex module <<<"


def managed_blocks(text: str) -> tuple[Range, ...]:
    """Return the lines of each block, markers included.

    Raises `ValueError`, with the line, when a block has no end: what follows would be nobody's.
    """
    blocks = list[Range]()
    start: tuple[int, int] | None = None
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        end = min(offset + len(line) + 1, len(text))
        # The module looks for whole lines; one with spaces around is still not ours to edit.
        if line.strip() == MANAGED_START and start is None:
            start = offset, number
        elif line.strip() == MANAGED_END and start is not None:
            blocks.append((start[0], end))
            start = None
        offset = end
    if start is not None:
        raise ValueError(
            f'{start[1]}:1: the Codex module\'s block has no end: restore the line "{MANAGED_END}"'
        )
    return tuple(blocks)
