"""Problems whose words by HashiCorp do not name the mistake that people make there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from provisioner.finding import Position, Span
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["in_our_words"]

_Words = Callable[[SourceText, SyntaxProblem, str], SyntaxProblem | None]
_DEFINITION = re.compile(
    r"""(?P<conflict><{7}|={7}|>{7}|\|{7})
    |(?P<jinja>\{[%{])
    |(?P<json>\{\s*(?:"|\Z))
    |(?P<colon>[\w-]+\s*:)
    |(?P<dotted>[\w-]+(?:\.[\w-]+)+\s*=)
    |(?P<compared>[\w-]+\s*==)
    |(?P<brace>\}|\]|\))
    |(?P<operator>[-+*/?:%]|&&|\|\||[<>=!]=?)
    """,
    re.VERBOSE,
)
_DEFINITIONS = {
    "conflict": ("a merge conflict was left in this file", "keep one of the two versions"),
    "jinja": (
        "a tag of another template language was left in this file",
        "render the file first, or write the value",
    ),
    "json": (
        "this is JSON and not Terraform's own syntax",
        'write blocks and "name = value", or name the file .tf.json',
    ),
    "colon": ('an argument is set with "=" and not with ":"', 'write "name = value"'),
    "dotted": (
        "an argument name cannot have dots",
        "set the argument inside a block or an object of its own",
    ),
    "compared": ('an argument is set with "=" and not with "=="', 'write "name = value"'),
    "brace": (
        "nothing is open that this could close",
        "remove it, or look for a closing brace too many above",
    ),
    "operator": (
        "an expression ends with its line, so this cannot continue it",
        "put the whole expression in parentheses, or the operator at the end of the line before",
    ),
}


def in_our_words(source: SourceText, problem: SyntaxProblem) -> SyntaxProblem:
    """Return `problem` with the cause in its words where the source shows it."""
    start = problem.span.start
    rest = source.line(start.line)[start.column - 1 :]
    words = _WORDS.get(problem.message)
    return (words and words(source, problem, rest)) or problem


def _definition(_: SourceText, problem: SyntaxProblem, rest: str) -> SyntaxProblem | None:
    match = _DEFINITION.match(rest)
    if match is None or match.lastgroup is None:
        return None
    message, advice = _DEFINITIONS[match.lastgroup]
    start = problem.span.start
    end = Position(start.line, start.column + len(match[0].rstrip()))
    return SyntaxProblem(message, Span(start, end), advice)


def _expression(_: SourceText, problem: SyntaxProblem, rest: str) -> SyntaxProblem | None:
    if not rest.strip():
        advice = "write the value on the same line; null stands for none"
        return replace(problem, message="a value is missing here", help=advice)
    match = re.match(r"<<(-?)[ \t]*[\"']?(\w[\w-]*)?", rest)
    if match is None:
        return None
    marker = match[2] or "EOT"
    start = problem.span.start
    end = Position(start.line, start.column + len(rest.rstrip("\r")))
    return SyntaxProblem(
        "a heredoc begins with a bare marker that ends its line",
        Span(start, end),
        f'write "<<{match[1]}{marker}" with nothing after it, not even a space',
    )


def _open_block(source: SourceText, problem: SyntaxProblem, _: str) -> SyntaxProblem | None:
    """Name the line that looks as if the block had been closed before it."""
    first = problem.span.start.line
    width = _indentation(source.line(first))
    for number in range(first + 1, source.line_count + 1):
        line = source.line(number)
        is_content = line.strip() and not line.lstrip().startswith(("#", "//", "}", "]", ")"))
        if is_content and _indentation(line) <= width:
            advice = f'line {number} is indented as if a "}}" stood before it; add it there'
            return replace(problem, help=advice)
    return replace(problem, help='add the missing "}"')


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _no_newline(_: SourceText, problem: SyntaxProblem, rest: str) -> SyntaxProblem | None:
    if re.match(r"(?:and|or|not)\b", rest):
        return replace(problem, help='the operators are written "&&", "||" and "!"')
    if re.match(r"[\w-]+\s*=", rest):
        return replace(problem, help="put each argument on a line of its own")
    return None


def _block(_: SourceText, problem: SyntaxProblem, rest: str) -> SyntaxProblem | None:
    if rest.startswith("="):
        return replace(problem, help='remove the "=": a block has none before its "{"')
    return None


_WORDS: dict[str, _Words] = {
    "argument or block definition required": _definition,
    "invalid block definition": _block,
    "invalid expression": _expression,
    "missing newline after argument": _no_newline,
    "unclosed configuration block": _open_block,
}
