"""One `module` block, and what the registry's Codex module makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_module import codex_module, is_codex_module
from provisioner.knowledge.module_facts import GatewayProvider, ModuleInput
from provisioner.knowledge.version import Constraint, Version
from provisioner.syntax.hcl_model import (
    Attribute,
    Block,
    Call,
    Expression,
    Literal,
    ObjectValue,
    Text,
    Traversal,
)
from provisioner.syntax.source import SourceText
from provisioner.syntax.template_file import TemplateFile
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.codex_config import CodexConfig, Layer
from provisioner.validate.file_argument import TEMPLATE, named_file

__all__ = ["ModuleCall"]

_BASE = "base_config_toml"
_MCP = "mcp"


class ModuleCall(Struct, frozen=True, dict=True):
    """One `module` block; `default_codex` runs where it does not say which Codex it installs."""

    block: Block
    default_codex: CodexRelease
    locals: Mapping[str, Expression] = field(default_factory=dict)
    """Local values of the folder, for arguments that name one."""
    files: Mapping[str, SourceText] = field(default_factory=dict)
    """The files that `named_files` are, by their names."""

    @cached_property
    def source(self) -> str | None:
        """The source, where it is written out."""
        return _text(self.block.value("source"))

    @property
    def is_local(self) -> bool:
        """Whether the module is a folder beside the template."""
        return self.source is not None and self.source.startswith(("./", "../"))

    @cached_property
    def is_codex(self) -> bool:
        """Whether this is the registry's Codex module."""
        return self.source is not None and is_codex_module(self.source)

    @cached_property
    def constraint(self) -> Constraint | None:
        """The version constraint, where there is one that can be read."""
        text = _text(self.block.value("version"))
        try:
            return None if text is None else Constraint.parse(text)
        except ValueError:
            return None

    @cached_property
    def codex_release(self) -> Version | None:
        """Release of the Codex module that `terraform init` selects, None when not known."""
        if not self.is_codex:
            return None
        if self.constraint is None and self.block.value("version") is not None:
            return None
        return codex_module().release_for(self.constraint)

    @cached_property
    def codex(self) -> CodexRelease:
        """The Codex that it installs."""
        try:
            return CodexRelease(Version.parse(_text(self._followed("codex_version")) or ""))
        except ValueError:
            return self.default_codex

    @cached_property
    def given_inputs(self) -> tuple[tuple[ModuleInput, Attribute], ...]:
        """Every argument that is an input of the selected release."""
        inputs = codex_module().inputs(self.codex_release) if self.codex_release else None
        attributes = self.block.attributes
        return tuple(
            (item, attributes[name]) for name, item in (inputs or {}).items() if name in attributes
        )

    @cached_property
    def gateway_provider(self) -> GatewayProvider | None:
        """The provider table that the release appends for its switch, if it is known."""
        return codex_module().gateway_provider(self.codex_release) if self.codex_release else None

    @cached_property
    def mcp_input(self) -> str:
        """The input whose TOML comes behind the base config; that of the newest release if unsure.

        Another name is no input, which is said of it.
        """
        release = self.codex_release
        written = codex_module().config(release) if release else None
        return written.mcp_input if written else _MCP

    @property
    def toml_inputs(self) -> tuple[str, ...]:
        """The inputs that are TOML, in the order in which the module writes them."""
        return (_BASE, self.mcp_input)

    @property
    def has_base_config(self) -> bool:
        """Whether the module writes no config of its own; to it an empty text is none."""
        document = self.toml.get("base_config_toml")
        if document is None:
            return self.block.value("base_config_toml") is not None
        return document.located.text != ""

    @property
    def enables_gateway(self) -> bool | None:
        """Whether the gateway's table is asked for, None when only Terraform knows."""
        known = [_switched(self._followed(name)) for name in self.gateway_switches]
        return next((value for value in known if value is not False), False)

    @property
    def gateway_switches(self) -> tuple[str, ...]:
        """The input that asks for the gateway's table, or all there ever were if unsure."""
        if self.gateway_provider:
            return (self.gateway_provider.switch,)
        known = codex_module().gateway_providers if self.is_codex else ()
        return tuple(dict.fromkeys(item.switch for item in known))

    @cached_property
    def toml(self) -> dict[str, TomlDocument]:
        """Input → the TOML given to it, where it is a string or a file that is there."""
        values = {name: self._document(self._followed(name)) for name in self.toml_inputs}
        return {name: document for name, document in values.items() if document is not None}

    @property
    def named_files(self) -> tuple[str, ...]:
        """Files of the folder whose text is given as TOML."""
        names = (named_file(self._followed(name)) for name in self.toml_inputs)
        return tuple(name for name in names if name is not None)

    def _document(self, value: Expression | None) -> TomlDocument | None:
        if isinstance(value, Text):
            return TomlDocument.embedded(value.decoded)
        source = self.files.get(named_file(value) or "")
        if source is None:
            return None
        if isinstance(value, Call) and value.name == TEMPLATE:
            decoded = TemplateFile.read(source).decoded
            return TomlDocument.embedded(decoded) if decoded else None
        return TomlDocument.read(source)

    def _followed(self, name: str) -> Expression | None:
        """Return the value of an argument, that of the local where it names one, and so on."""
        value, passed = self.block.value(name), set[str]()
        while True:
            match value:
                case Traversal(root="local", steps=(str() as local,)) if local not in passed:
                    passed.add(local)
                    value = self.locals.get(local)
                case _:
                    return value

    @cached_property
    def profiles(self) -> dict[str, TomlDocument]:
        """Name → the TOML of a profile file, which only our own module takes."""
        match self._followed("profiles"):
            case ObjectValue(items=items):
                return {
                    item.name: TomlDocument.embedded(item.value.decoded)
                    for item in items
                    if item.name and isinstance(item.value, Text)
                }
        return {}

    @property
    def codex_configs(self) -> tuple[CodexConfig, ...]:
        """What Codex reads on account of this call: alone, and with each profile."""
        config = self.codex_config
        return (
            config,
            *(
                replace(config, layers=(*config.layers, Layer(profile)))
                for profile in self.profiles.values()
            ),
        )

    @cached_property
    def codex_config(self) -> CodexConfig:
        """What Codex reads on account of this call, when no profile is named."""
        layers = tuple(map(Layer, self.toml.values()))
        complete = all(name in self.toml for name in self.toml_inputs if self.block.value(name))
        if self.enables_gateway is False:
            return CodexConfig(layers, self.codex, complete=complete)
        if self.gateway_provider is None:
            return CodexConfig(layers, self.codex, complete=False)
        return CodexConfig(layers, self.codex, frozenset({self.gateway_provider.id}), complete)


def _switched(value: Expression | None) -> bool | None:
    match value:
        case None | Literal(value=False | None) | Text(value="false"):
            return False
        case Literal(value=True) | Text(value="true"):
            return True
    return None


def _text(expression: Expression | None) -> str | None:
    return expression.value if isinstance(expression, Text) else None
