"""A file for `templatefile` → its text with holes, what it names, and why Terraform refuses it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from provisioner.finding import Position, Span
from provisioner.syntax.decoded_text import DecodedText
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Text, names_in
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["TemplateFile", "TemplateName"]

# To HashiCorp's parser such a file is the inside of a heredoc; no line of one is this marker.
_MARKER = "END_OF_THE_TEMPLATE_FILE"
_HEAD = f"file = <<{_MARKER}\n"


class TemplateName(Struct, frozen=True):
    """A name that the template wants to be given, and where it stands."""

    name: str
    span: Span


class TemplateFile(Struct, frozen=True):
    """One template; `decoded` is None for one with problems, or too long to be taken apart."""

    problems: tuple[SyntaxProblem, ...]
    decoded: DecodedText | None
    names: tuple[TemplateName, ...] = ()

    @classmethod
    def read(cls, source: SourceText) -> TemplateFile:
        """Read a template; its places are those of `source`."""
        end = "" if source.text.endswith("\n") else "\n"
        document = HclDocument.parse(f"{_HEAD}{source.text}{end}{_MARKER}\n", source.path)
        if document.problems:
            shown = (replace(item, span=_above(item.span)) for item in document.problems)
            return cls(tuple(shown), None)
        attribute = document.attributes.get("file")
        text = attribute.expression if attribute else None
        if not isinstance(text, Text) or not document.complete:
            return cls((), None)
        runs = tuple(run._replace(start=run.start - len(_HEAD)) for run in text.decoded.runs)
        decoded = DecodedText(source, text.decoded.text, runs, len(source.text))
        names = tuple(TemplateName(name.root, _above(name.span)) for name in names_in(text))
        return cls((), decoded, names)


def _above(span: Span) -> Span:
    start, end = span.start, span.end
    return Span(
        Position(max(start.line - 1, 1), start.column), Position(max(end.line - 1, 1), end.column)
    )
