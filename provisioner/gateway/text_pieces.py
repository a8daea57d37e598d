"""Text that comes in pieces, such as the arguments of a tool call: joined once, up to a limit."""

from __future__ import annotations

__all__ = ["TextPieces", "TextRoom"]


class TextRoom:
    """How much text of one answer may still be kept: a record is not the place for all of it."""

    def __init__(self, characters: int = 8 * 1024 * 1024) -> None:
        """Start with room for so many `characters`."""
        self._left = characters

    def cut(self, piece: str) -> str:
        """Return as much of `piece` as has room, and take that."""
        kept = piece[: self._left]
        self._left -= len(kept)
        return kept


class TextPieces:
    """One text; what has no room is left out."""

    def __init__(self, room: TextRoom) -> None:
        """Start without text; several of them may share a `room`."""
        self._room = room
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Add what has room of `piece`."""
        if kept := self._room.cut(piece):
            self._pieces.append(kept)

    def __str__(self) -> str:
        """Return what was kept."""
        return "".join(self._pieces)
