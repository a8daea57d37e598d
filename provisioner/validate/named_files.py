"""The files that calls such as `file` and `templatefile` name: what Terraform refuses of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from provisioner.syntax.hcl_model import Block, Call, Expression
from provisioner.syntax.source import SourceText
from provisioner.syntax.template_file import TemplateFile
from provisioner.validate.file_argument import TEMPLATE, named_path

__all__ = ["Fault", "NamedFiles", "files_named_in"]

_READERS = frozenset(
    {"file", "filebase64", "filebase64sha256", "filebase64sha512", "filemd5", "filesha1"}
    | {"filesha256", "filesha512", TEMPLATE}
)
# `path.root` is another folder when the folder is a module.
_BASES = frozenset({"module"})
_LONGEST = 200_000


class Fault(Struct, frozen=True):
    """The argument that Terraform refuses, why, and what to do."""

    argument: Expression
    message: str
    help: str


class NamedFiles:
    """The files by the names that they have in the folder: None for one that is not there."""

    def __init__(self, texts: Mapping[str, SourceText | None]) -> None:
        """Take the texts; a file that is no text has no entry."""
        self._texts = texts
        self._templates: dict[str, TemplateFile] = {}

    def fault(self, call: Call, values: Sequence[object]) -> Fault | None:
        """Say why Terraform refuses a call, whose arguments have these values."""
        name = _name(call)
        if name is None or name not in self._texts:
            return None
        source = self._texts[name]
        if source is None:
            advice = "add the file; the path counts from the folder of the template"
            return Fault(call.arguments[0], f'there is no file "{name}"', advice)
        if call.name != TEMPLATE or len(call.arguments) < len(("path", "vars")):
            return None
        return self._template_fault(call, name, source, values[1])

    def _template_fault(
        self, call: Call, name: str, source: SourceText, given: object
    ) -> Fault | None:
        template = self._template(name, source)
        if template is None:
            return None
        for problem in template.problems:
            where = f'line {problem.span.start.line} of "{name}"'
            return Fault(call.arguments[0], f"{where} is no template: {problem.message}", _ESCAPE)
        if isinstance(given, str | int | float | list):
            advice = "write { name = value }, with what the template names"
            return Fault(call.arguments[1], "a template is given a map", advice)
        if not isinstance(given, dict):
            return None
        for item in template.names:
            if item.name not in given:
                where = f'line {item.span.start.line} of "{name}"'
                message = f'{where} wants "{item.name}", which the template is not given'
                return Fault(call.arguments[1], message, _ESCAPE)
        return None

    def _template(self, name: str, source: SourceText) -> TemplateFile | None:
        if len(source.text) > _LONGEST:
            return None
        if name not in self._templates:
            self._templates[name] = TemplateFile.read(source)
        return self._templates[name]


_ESCAPE = "what is meant for a shell is written $${…}"


def files_named_in(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the names of all files that calls in the blocks read."""
    found = (_name(call) for top in blocks for call in _calls(top))
    return frozenset(name for name in found if name is not None)


def _name(call: Call) -> str | None:
    is_reader = call.name.removeprefix("core::") in _READERS and call.arguments
    return named_path(call.arguments[0], _BASES) if is_reader else None


def _calls(top: Block) -> Iterator[Call]:
    waiting: list[Expression] = [
        attribute.expression for block in top.descend() for attribute in block.attributes.values()
    ]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call):
            yield part
        waiting += part.children
