"""The mutation of a rule: a folder without findings, and a small edit that only this rule reports.

In a fixture it is the section `mutation`, one edit of one file of one base:

    -- mutation --
    base: docker-chatgpt
    file: codex.tf
    - wire_api = "responses"
    + wire_api = "chat"

A base is a golden, tests/golden/<base>/expected, or a folder of tests/rules/base. In a Codex home
the file `check` says how Codex starts, as in fixtures, and can be edited like the others.

The text after `- ` may stand anywhere in a line, but only once in the file; several lines are one
text. With `+ ` alone it is added at the end of the file, or is a new file; with `- ` alone it goes.
A finding must touch the edited lines or one beside them. Where it cannot, `at: <file>: <text>` names
the line to be reported by a text that stands only once in the mutant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.finding import Finding
from tests.rules.rule_cases import FIXTURES
from tests.support import txtar
from tests.support.command import ROOT
from tests.support.tree import read_tree

__all__ = ["BASES", "SECTION", "Mutation", "base_files", "mutations", "parse"]

SECTION = "mutation"
_PLACES = {
    **{folder.parent.name: folder for folder in ROOT.glob("tests/golden/*/expected")},
    **{folder.name: folder for folder in ROOT.glob("tests/rules/base/*")},
}
BASES = tuple(sorted(_PLACES))


@dataclass(frozen=True)
class Mutation:
    """In `file` of the folder `base`, `old` becomes `new`; `at` is the stated file and text."""

    base: str
    file: str
    old: str
    new: str
    at: tuple[str, str] | None = None

    def mutant(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return `files` with the edit; raise `ValueError` where it does not apply."""
        text = files.get(self.file, "")
        if not self.old:
            return {**files, self.file: f"{text}{self.new}\n"}
        _once(self.old, text, self.file)
        return {**files, self.file: text.replace(self.old, self.new)}

    def is_reported(self, finding: Finding, mutant: Mapping[str, str], before: str) -> bool:
        """Say whether a finding stands where it must; `before` was the text of the edited file."""
        path, wanted = self._wanted(mutant, before)
        return finding.path == path and any(
            line in wanted for line in range(finding.span.start.line, finding.span.end.line + 1)
        )

    def _wanted(self, mutant: Mapping[str, str], before: str) -> tuple[str, range]:
        if self.at:
            path, text = self.at
            whole = mutant.get(path, "")
            line = whole.count("\n", 0, _once(text, whole, path)) + 1
            return path, range(line, line + 1)
        start = before.index(self.old) if self.old else len(before)
        first = before.count("\n", 0, start) + 1
        return self.file, range(first - 1, first + self.new.count("\n") + 2)

    @property
    def size(self) -> tuple[int, int]:
        """How many lines are written in the hunk, and how many characters differ."""
        same_start = _same(self.old, self.new)
        old, new = self.old[same_start:], self.new[same_start:]
        same_end = _same(old[::-1], new[::-1])
        lines = sum(text.count("\n") + 1 for text in (self.old, self.new) if text)
        return lines, len(old) + len(new) - 2 * same_end


def parse(text: str) -> Mutation:
    """Read a section `mutation`; raise `ValueError` with what is wrong in it."""
    hunk = {"-": list[str](), "+": list[str]()}
    head = dict[str, str]()
    for line in text.splitlines():
        sign = line[:1]
        if sign in hunk and line[1:2] in ("", " "):
            if sign == "-" and hunk["+"]:
                raise ValueError(f'"{line}" stands below a "+": one mutation is one edit')
            hunk[sign].append(line[2:])
        elif not any(hunk.values()) and ": " in line:
            name, _, head[name] = line.partition(": ")
        else:
            raise ValueError(f'"{line}" is neither "name: value" nor a line of "- " and then "+ "')
    _refuse_other_names(head)
    path, _, line = head.get("at", "").partition(": ")
    if path and not line:
        raise ValueError('"at: " needs a file and a text: "at: main.tf: a text of the line"')
    old, new = ("\n".join(hunk[sign]) for sign in "-+")
    if old == new:
        raise ValueError("it changes nothing")
    return Mutation(head["base"], head["file"], old, new, (path, line) if path else None)


def base_files(name: str) -> dict[str, str]:
    """Return the files of a base; raise `ValueError` for a name that is none."""
    if name not in _PLACES:
        raise ValueError(f'there is no base "{name}", but {", ".join(BASES)}')
    return read_tree(_PLACES[name])


def mutations(codes: Iterable[str] = FIXTURES) -> Iterator[tuple[str, str]]:
    """Yield the code of each rule that has a mutation, with its section."""
    for code in codes:
        archive = txtar.parse(FIXTURES[code].read_text(encoding="utf-8"))
        if SECTION in archive.files:
            yield code, archive.files[SECTION]


def _refuse_other_names(head: Mapping[str, str]) -> None:
    if not {"base", "file"} <= head.keys() <= {"base", "file", "at"}:
        raise ValueError(f'it needs "base: " and "file: ", may have "at: ", and has {list(head)}')


def _same(one: str, other: str) -> int:
    """Return how many characters at the start are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _once(text: str, whole: str, path: str) -> int:
    """Return where `text` stands."""
    if (count := whole.count(text)) != 1:
        raise ValueError(f"this text must stand once in {path}, not {count} times:\n{text}")
    return whole.index(text)
