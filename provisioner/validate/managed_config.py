"""A call of the Codex module → the config.toml that its install script puts together."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from provisioner.finding import Span
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.module_facts import WrittenConfig
from provisioner.syntax.hcl_model import Literal, Text
from provisioner.syntax.source import LocatedText, SourceText
from provisioner.syntax.toml_document import TomlDocument, toml_problem
from provisioner.validate.module_call import ModuleCall

__all__ = ["Clash", "ManagedConfig"]

_FIRST_STAND_IN = 0xF0000
"""A plane of private characters, each of which can stand for one interpolation."""


class Clash(Struct, frozen=True):
    """Text of an input that is no TOML any more where the module writes it, and why."""

    document: TomlDocument
    span: Span
    message: str


class ManagedConfig(Struct, frozen=True, dict=True):
    """The texts that the module writes behind each other.

    The base, the module's own MCP server, those of an input, the gateway's table.
    """

    call: ModuleCall

    @property
    def is_known(self) -> bool:
        """Whether every text that an input gives is there and TOML by itself."""
        names = [name for name in self.call.toml_inputs if self.call.block.value(name)]
        return self.written is not None and all(
            name in self.call.toml and self.call.toml[name].data is not None for name in names
        )

    @cached_property
    def written(self) -> WrittenConfig | None:
        """How the release puts them together, None where it is not known."""
        release = self.call.codex_release
        return codex_module().config(release) if release else None

    @cached_property
    def base(self) -> TomlDocument | None:
        """The text of `base_config_toml`, None where the module writes a default."""
        return self.call.toml.get("base_config_toml") if self.call.has_base_config else None

    @cached_property
    def mcp(self) -> TomlDocument | None:
        """The text of the input with MCP servers."""
        return self.call.toml.get(self.call.mcp_input)

    @property
    def default(self) -> str:
        """What the module writes without `base_config_toml`."""
        if self.written is None:
            return ""
        written, lines = self.written, [self.written.default]
        if self.call.enables_gateway and self.call.gateway_provider:
            lines.append(written.default_for_gateway.format(id=self.call.gateway_provider.id))
        if self._is_given("model_reasoning_effort"):
            lines.append(written.default_for_effort)
        lines.append(written.default_tables)
        if self._is_given("workdir"):
            lines.append(written.default_for_workdir)
        return "\n".join(filter(None, lines))

    def _is_given(self, name: str) -> bool:
        match self.call.block.value(name):
            case None | Literal(value=None) | Text(value=""):
                return False
        return True

    @property
    def open_table(self) -> str | None:
        """Header of the table that is open where the MCP servers begin, None where none is."""
        if self.written and self.written.mcp_header:
            return self.written.mcp_header
        if self.base is not None:
            last = self.base.tables[-1]
            return last.header if last.path else None
        return self.default.splitlines()[-1] if self._is_given("workdir") else None

    @property
    def gateway_header(self) -> str | None:
        """The header that the module looks for and appends, None while the gateway is not on."""
        provider = self.call.gateway_provider
        return (
            f"[model_providers.{provider.id}]" if provider and self.call.enables_gateway else None
        )

    def mention(self) -> tuple[TomlDocument, Span] | None:
        """Return the place that keeps the module from appending the gateway's table."""
        header = self.gateway_header
        if header is None or self.written is None or not self.written.searches_header:
            return None
        for document in (self.base, self.mcp):
            start = document.located.text.find(header) if document else -1
            if document and start >= 0:
                return document, document.located.span(start, start + len(header))
        return None

    def clash(self) -> Clash | None:
        """Return the first text that makes the whole no TOML."""
        server = self.written.mcp_server if self.written else ""
        before = _Joined("", self.base.located).text if self.base else self.default
        if server:
            if found := self._clash_with(("mcp_servers", server), before, self.base):
                return found
            before += f"\n[mcp_servers.{server}]\n"
        if self.mcp:
            joined = _Joined(before, self.mcp.located)
            if before and (problem := toml_problem(joined)):
                above = '"base_config_toml"' if self.base else "a config of its own"
                name = self.call.mcp_input
                reason = f'the module writes "{name}" below {above}: {problem.message}'
                return Clash(self.mcp, problem.span, reason)
            before = joined.text
        provider = self.call.gateway_provider
        if provider is None or self.gateway_header is None or self.mention():
            return None
        return self._clash_with(("model_providers", provider.id), before, self.base, self.mcp)

    def _clash_with(
        self, path: tuple[str, str], before: str, *documents: TomlDocument | None
    ) -> Clash | None:
        """Say whether a table that the module appends to `before` is there already, and where."""
        header = f"[{'.'.join(path)}]"
        is_there = toml_problem(SourceText("", f"{before}\n{header}\n")) is not None
        for document in documents:
            if document and document.get(path[0]) is not None and is_there:
                reason = f"the module appends {header}, and this defines the same"
                return Clash(document, document.key_span(*path), reason)
        return None


class _Joined:
    """A text behind another one; places are those of the second."""

    holes = frozenset[int]()

    def __init__(self, before: str, located: LocatedText) -> None:
        text = list(located.text)
        for index in located.holes:
            # Two interpolations are two values: the same character would make them one name.
            text[index] = chr(_FIRST_STAND_IN + len(before) + index)
        self._shift = len(before) + 1
        self._located = located
        self.text = f"{before}\n{''.join(text)}"

    def span(self, start: int, end: int) -> Span:
        """Say where the characters from `start` to `end` stand."""
        return self._located.span(max(start - self._shift, 0), max(end - self._shift, 0))
