"""The conversation of a proof: one prompt, one tool call that writes a file, one answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import tomlkit

__all__ = ["Scenario"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A conversation around a word that nothing but the gateway's script knows."""

    word: str
    profile: str
    """Profile that the client has to select; empty for none."""

    @classmethod
    def new(cls, profile: str = "") -> Scenario:
        """Make a scenario that no earlier run can be mistaken for."""
        return cls(secrets.token_hex(8), profile)

    prompt = "Write the proof file."
    file_name = "proof.txt"

    @property
    def answer(self) -> str:
        """Text of the last turn."""
        return f"Wrote {self.file_name}: {self.word}"

    @property
    def script(self) -> str:
        """The turns, in the form the scripted upstream reads."""
        tool_call = tomlkit.table()
        tool_call.add("name", "exec_command")
        arguments = tomlkit.inline_table()
        arguments.add("cmd", f"printf '%s' {self.word} > {self.file_name}")
        tool_call.add("arguments", arguments)
        first, second = tomlkit.table(), tomlkit.table()
        calls = tomlkit.aot()
        calls.append(tool_call)
        first.add("tool_call", calls)
        second.add("text", self.answer)
        turns = tomlkit.aot()
        turns.append(first)
        turns.append(second)
        document = tomlkit.document()
        document.add("turn", turns)
        return tomlkit.dumps(document)
