"""YAML text → a tree whose every key and value has a span, its comments, or why it cannot be read.

As Go's yaml.v3, which most services in this field use: only the first document is read, a key may
stand in a table once, and what a scalar means is for whoever knows the type that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from provisioner.errors import MissingToolError
from provisioner.finding import FILE_START, Span
from provisioner.syntax.source import SourceText, SyntaxProblem

if TYPE_CHECKING:
    from yaml import Node

__all__ = ["YamlDocument", "YamlNode"]

_MOST_NODES = 50_000
_MERGE = "<<"
_HELP = "correct the line; `key: value` takes a blank behind the colon, and tabs indent nothing"


class YamlNode(Struct, frozen=True):
    """A value: a scalar with its `text`, a list of `items`, or a table of `entries`.

    `is_plain` is a scalar without quotes, which may be a number or a switch; `~`, `null` and
    nothing at all are one too. `span` is where it stands; that of an alias is its anchor's.
    """

    kind: str
    span: Span
    text: str = ""
    is_plain: bool = False
    items: tuple[YamlNode, ...] = ()
    entries: tuple[tuple[YamlNode, YamlNode], ...] = ()

    @property
    def is_null(self) -> bool:
        """Whether nothing is said."""
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")


class YamlDocument(Struct, frozen=True):
    """One file; without `root` it is empty, or has a `problem`."""

    source: SourceText
    root: YamlNode | None
    problem: SyntaxProblem | None
    comments: tuple[tuple[int, int], ...] = ()
    """Offsets of the comments, `#` included."""

    @classmethod
    def read(cls, source: SourceText) -> YamlDocument:
        """Read the text; raises `MissingToolError` where the parser is not installed."""
        if find_spec("yaml") is None:
            raise MissingToolError(
                "to read YAML needs PyYAML; "
                "install the extra with: pip install 'codex-provisioner[gateway]'"
            )
        import yaml  # noqa: PLC0415 - costs start-up time

        try:
            loader = yaml.SafeLoader(source.text)
            root = _Tree(source).read(loader.get_node()) if loader.check_node() else None
            comments = tuple(_comments(source.text))
        except yaml.reader.ReaderError as error:
            span = source.span(error.position, error.position + 1)
            return cls(source, None, SyntaxProblem("a character cannot stand in YAML", span))
        except yaml.MarkedYAMLError as error:
            return cls(source, None, _problem(source, error))
        except RecursionError:
            problem = SyntaxProblem("it is nested too deeply to be checked", FILE_START)
            return cls(source, None, problem)
        except _RefusedError as error:
            return cls(source, None, error.problem)
        return cls(source, root, None, comments)


class _RefusedError(Exception):
    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Tree:
    """Turns PyYAML's nodes into ours; nodes that aliases name are met again."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._inside: set[int] = set()
        self._count = 0

    def read(self, node: Node) -> YamlNode:
        span = self._span(node)
        self._count += 1
        if self._count > _MOST_NODES:
            self._refuse(f"it holds more than {_MOST_NODES:,} values", span)
        if id(node) in self._inside:
            self._refuse("an alias stands inside of what it names", span)
        self._inside.add(id(node))
        found = self._by_kind(node, span)
        self._inside.remove(id(node))
        return found

    def _by_kind(self, node: Node, span: Span) -> YamlNode:
        if node.id == "scalar":
            return YamlNode("scalar", span, node.value, is_plain=node.style is None)
        if node.id == "sequence":
            return YamlNode("list", span, items=tuple(map(self.read, node.value)))
        pairs = [(self.read(key), self.read(value)) for key, value in node.value]
        return YamlNode("table", span, entries=self._merged(pairs))

    def _merged(
        self, pairs: list[tuple[YamlNode, YamlNode]]
    ) -> tuple[tuple[YamlNode, YamlNode], ...]:
        """Return the entries with those of `<<`, which what is written out wins over."""
        found: dict[str, tuple[YamlNode, YamlNode]] = {}
        for key, value in pairs:
            if key.kind != "scalar":
                self._refuse("a key must be a text", key.span)
            if key.text in found:
                first = found[key.text][0].span.start.line
                self._refuse(f'the key "{key.text}" already stands in line {first}', key.span)
            found[key.text] = key, value
        merge = found.pop(_MERGE, None)
        if merge is not None:
            for table in merge[1].items or (merge[1],):
                for key, value in table.entries:
                    found.setdefault(key.text, (key, value))
        return tuple(found.values())

    def _span(self, node: Node) -> Span:
        start, end = node.start_mark.index, node.end_mark.index
        if node.id != "scalar":
            # The end of a block is where the next one begins.
            end = start + len(self._source.text[start:end].rstrip())
        return self._source.span(start, end)

    def _refuse(self, message: str, span: Span) -> None:
        raise _RefusedError(SyntaxProblem(message, span))


def _problem(source: SourceText, error: Any) -> SyntaxProblem:  # noqa: ANN401 - of PyYAML
    mark = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    said = error.problem or error.context or "it is not YAML"
    return SyntaxProblem(f"it is not YAML: {said}", source.span(at, at), _HELP)


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the comments: a `#` between two tokens, behind a blank or at the start of a line."""
    import yaml  # noqa: PLC0415 - costs start-up time

    last = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        yield from _between(text, last, token.start_mark.index)
        last = max(last, token.end_mark.index)
    yield from _between(text, last, len(text))


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while (start := text.find("#", start, end)) >= 0:
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield start, stop
        start = stop
