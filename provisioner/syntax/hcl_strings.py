r"""Source of quoted strings and heredocs → decoded text, as HashiCorp's parser decodes it.

Quoted strings know `\n`, `\r`, `\t`, `\"`, `\\`, `\uXXXX` and `\UXXXXXXXX`; heredocs know none of
them; both know `$${` and `%%{`. A heredoc that begins with `<<-` loses the smallest indentation of
its lines. `~` in a template sequence eats the spaces beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.syntax.decoded_text import PLACEHOLDER, DecodedText, Run, join_runs
from provisioner.syntax.source import SourceText

__all__ = ["Range", "TemplateSource", "decode_heredoc", "decode_quoted", "is_escaped"]

Range = tuple[int, int]

# What Go calls a space; Python's own idea of it has four more characters.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# HashiCorp's scanner also ends its token behind `$` and one space that end a line of a heredoc, so
# that `~` on the next line eats the line break alone.
_HEREDOC_LINE = re.compile(r"[^\n]*?(?:[$%][\t\v\f ]|(?<![$%])[$%]\r)(?=\r?\n)|[^\n]*\n|[^\n]+")
_HEREDOC_ESCAPE = re.compile(r"(?P<doubled>\$\$|%%)(?=\{)")
_QUOTED_ESCAPE = re.compile(
    r"\\u(?P<short>[0-9a-fA-F]{4})|\\U(?P<long>[0-9a-fA-F]{8})|\\(?P<letter>[nrt\"\\])"
    r"|(?P<doubled>\$\$|%%)(?=\{)"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """The inside of a string: where it begins and ends, and the template sequences in it.

    `sequences` are the stretches from `${` or `%{` to their `}`, and `directives` those from the
    first sequence of an `%{ if }` or `%{ for }` to its last.
    """

    start: int
    end: int
    sequences: Sequence[Range] = ()
    directives: Sequence[Range] = ()


@dataclass(slots=True)
class _Token:
    """Some literal text of one line, or one sequence."""

    start: int
    runs: list[Run]
    is_sequence: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    def drop_front(self, count: int) -> None:
        while count > 0:
            run = self.runs.pop(0)
            if len(run.text) > count:
                self.runs.insert(0, Run(run.text[count:], run.start + count, 1))
            count -= len(run.text)

    def strip_front(self) -> None:
        text = self.text
        self.drop_front(len(text) - len(text.lstrip(_SPACES)))

    def strip_back(self) -> None:
        while self.runs:
            run = self.runs.pop()
            kept = run.text.rstrip(_SPACES)
            if kept:
                self.runs.append(run._replace(text=kept))
                return


def is_escaped(source: SourceText, sequence: Range) -> bool:
    """Say whether `$` or `%` before the sequence makes it literal: `$$${` is `$` and `$${`."""
    start = sequence[0]
    return start > 0 and source.text[start - 1] == source.text[start] and source.text[start] in "$%"


def decode_quoted(source: SourceText, template: TemplateSource) -> DecodedText:
    """Decode what stands between two quotes."""
    text = source.text[template.start : template.end]
    if not template.sequences and not _QUOTED_ESCAPE.search(text):
        return join_runs(source, [Run(text, template.start, 1)], template.end)
    tokens = _tokens(source, template, _LINE, _QUOTED_ESCAPE)
    _apply_strip_markers(source, template, tokens)
    return _joined(source, template, tokens)


def decode_heredoc(source: SourceText, template: TemplateSource, *, indented: bool) -> DecodedText:
    """Decode the lines of a heredoc; `indented` says that it begins with `<<-`."""
    line = _HEREDOC_LINE if template.sequences else _LINE
    tokens = _tokens(source, template, line, _HEREDOC_ESCAPE)
    _apply_strip_markers(source, template, tokens)
    if indented:
        _remove_indentation(tokens)
    return _joined(source, template, tokens)


def _tokens(
    source: SourceText,
    template: TemplateSource,
    line_pattern: re.Pattern[str],
    escape: re.Pattern[str],
) -> list[_Token]:
    tokens, start = [], template.start
    for first, last in (*template.sequences, (template.end, template.end)):
        tokens += [
            _Token(line.start(), list(_literal_runs(source.text, line, escape)))
            for line in line_pattern.finditer(source.text, start, first)
        ]
        if last > first:
            hole = Run(PLACEHOLDER, first, last - first, is_hole=True)
            tokens.append(_Token(first, [hole], is_sequence=True))
        start = last
    return tokens


def _literal_runs(text: str, line: re.Match[str], escape: re.Pattern[str]) -> Iterator[Run]:
    start = line.start()
    for match in escape.finditer(text, start, line.end()):
        if match.start() > start:
            yield Run(text[start : match.start()], start, 1)
        yield Run(_unescape(match), match.start(), match.end() - match.start())
        start = match.end()
    if start < line.end():
        yield Run(text[start : line.end()], start, 1)


def _unescape(match: re.Match[str]) -> str:
    if match["doubled"]:
        return match[0][0]
    if match["letter"]:
        return _LETTERS[match["letter"]]
    code = int(match["short"] or match["long"], 16)
    # HashiCorp's parser refuses these two kinds; its verdict is asked for elsewhere.
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _apply_strip_markers(
    source: SourceText, template: TemplateSource, tokens: list[_Token]
) -> None:
    ends = dict(template.sequences)
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if not token.is_sequence:
            continue
        if before and not before.is_sequence and source.text[token.start + 2] == "~":
            before.strip_back()
        if after and not after.is_sequence and source.text[ends[token.start] - 2] == "~":
            after.strip_front()


def _remove_indentation(tokens: Iterable[_Token]) -> None:
    """Take the smallest indentation from every line; blank lines neither count nor change."""
    at_line_start, indents, indented = True, list[int](), list[_Token]()
    for token in tokens:
        text = token.text
        if at_line_start and token.is_sequence:
            indents.append(0)
        elif at_line_start and (text.strip(_SPACES) or not text.endswith("\n")):
            indents.append(len(text) - len(text.lstrip(_SPACES)))
            indented.append(token)
        at_line_start = not token.is_sequence and text.endswith("\n")
    shared = min(indents, default=0)
    for token in indented:
        token.drop_front(shared)


def _joined(source: SourceText, template: TemplateSource, tokens: Iterable[_Token]) -> DecodedText:
    """Join the tokens, each directive as a single hole."""
    runs, directives = list[Run](), list(template.directives)
    for token in tokens:
        while directives and directives[0][1] <= token.start:
            directives.pop(0)
        if not directives or token.start < directives[0][0]:
            runs += token.runs
        elif token.start == directives[0][0]:
            start, end = directives[0]
            runs.append(Run(PLACEHOLDER, start, end - start, is_hole=True))
    return join_runs(source, runs, template.end)
