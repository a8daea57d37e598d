"""All parsed files of one template folder, Codex config or home, as rules ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field

from provisioner.finding import Span
from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.knowledge.terraform_core import core_schema
from provisioner.router_file.file import RouterFile
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Block, Traversal, names_in
from provisioner.syntax.json_text import json_problem
from provisioner.syntax.source import SourceText, SyntaxProblem, decode_source
from provisioner.syntax.tfvars import read_tfvars
from provisioner.syntax.toml_document import TomlDocument
from provisioner.syntax.yaml_document import YamlDocument
from provisioner.validate.codex_config import CodexConfig, Layer
from provisioner.validate.codex_home import PROFILE_FILE, CodexHome
from provisioner.validate.declared import Declared
from provisioner.validate.evaluate import Evaluator
from provisioner.validate.mention import SETTINGS, Mention, mentions
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.named_files import NamedFiles

__all__ = ["TOO_LATE", "YAML", "IgnoredRule", "Suppressions", "Workspace"]

YAML = (".yaml", ".yml")
"""How the names of YAML files end."""

TOO_LATE = 0
"""The line of a comment that is for a whole file and does not stand at its top."""


class IgnoredRule(Struct, frozen=True):
    """One name in one comment that asks to leave findings out, "" in one that has none."""

    name: str
    path: str
    span: Span
    """Where the name stands."""
    line: int | None
    """The line it covers, None for the whole file; `TOO_LATE` covers nothing."""
    reason: str


class Suppressions(Struct, frozen=True):
    """What the comments ask to leave out, and what came of it."""

    ignored: tuple[IgnoredRule, ...]
    unused: frozenset[IgnoredRule]
    """Those that met no finding although their rules looked."""
    unknown: frozenset[IgnoredRule]
    """Those that name no rule which can be left out."""
    names: tuple[str, ...]
    """Codes and names of the rules that can."""


_INPUTS_OF_BUNDLED = frozenset({"base_config_toml", "codex_version", "install_source", "profiles"})


class Workspace(Struct, frozen=True, dict=True):
    """The files of one folder, each parsed once; `unreadable` are those that are not text.

    `codex` reads the config files. `home` is there when the folder is checked as a Codex home.
    """

    hcl: tuple[HclDocument, ...]
    toml: tuple[TomlDocument, ...]
    sources: tuple[SourceText, ...]
    unreadable: tuple[tuple[str, SyntaxProblem], ...]
    codex: CodexRelease = field(default_factory=lambda: CodexRelease(newest_codex()))
    home: CodexHome | None = None
    suppressions: Suppressions | None = None
    """There for rules that come after all others."""
    has_more_files: bool = False
    """Whether Terraform reads files of the folder that are not here, such as `*.tf.json`."""
    local_modules: Mapping[str, Workspace | None] = field(default_factory=dict)
    """Source of a module, such as `./modules/x` → the folder, None where there is none."""

    read_files: Mapping[str, SourceText] = field(default_factory=dict)
    """Name from the folder → a file that the Codex module is given with `file`."""

    named_texts: Mapping[str, SourceText | None] = field(default_factory=dict)
    """Name from the folder → a file that a function reads, None where there is none."""

    tfvars: tuple[HclDocument, ...] = ()
    """The `*.tfvars` files."""
    tests: tuple[HclDocument, ...] = ()
    """The `*.tftest.hcl` files."""

    router: tuple[RouterFile, ...] = ()
    """The YAML files, which are configurations of Auto AI Router."""

    @classmethod
    def read(
        cls, files: Mapping[str, bytes | SyntaxProblem], codex: CodexRelease | None = None
    ) -> Workspace:
        """Parse files by their path; what is no file of Terraform's and no YAML is a Codex config.

        A file that could not be opened comes with the reason in place of its bytes.
        """
        hcl, toml, tfvars, tests, router = [], [], [], [], []
        sources, unreadable = list[SourceText](), []
        for path, data in files.items():
            source, problem = _decoded(path, data)
            sources.append(source)
            if problem:
                unreadable.append((path, problem))
            elif path.endswith(".tf"):
                hcl.append(HclDocument.read(source))
            elif path.endswith(".tfvars"):
                tfvars.append(read_tfvars(source))
            elif path.endswith(".tftest.hcl"):
                tests.append(HclDocument.read(source))
            elif path.endswith(YAML):
                router.append(RouterFile(YamlDocument.read(source)))
            elif not path.endswith(".json"):
                toml.append(TomlDocument.read(source))
        return cls(
            tuple(hcl),
            tuple(toml),
            tuple(sources),
            tuple(unreadable),
            codex or CodexRelease(newest_codex()),
            tfvars=tuple(tfvars),
            tests=tuple(tests),
            router=tuple(router),
        )

    @property
    def all_hcl(self) -> tuple[HclDocument, ...]:
        """Every file in Terraform's own syntax."""
        return (*self.hcl, *self.tfvars, *self.tests)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every declaration of the folder is known.

        A block that Terraform does not have may be a misspelt declaration.
        """
        schema = core_schema("config")
        return (
            not (self.unreadable or self.has_more_files)
            and all(document.complete and not document.problems for document in self.hcl)
            and not any(schema.refuses_block(block.type) for block in self.top_blocks)
        )

    @cached_property
    def top_blocks(self) -> tuple[Block, ...]:
        """The blocks that stand in no other."""
        return tuple(block for document in self.hcl for block in document.blocks)

    @cached_property
    def _by_type(self) -> dict[str, list[Block]]:
        found: dict[str, list[Block]] = defaultdict(list)
        for block in self.top_blocks:
            found[block.type].append(block)
        return found

    def blocks(self, kind: str, *labels: str) -> Iterator[Block]:
        """Yield top-level blocks of one type whose first labels are `labels`."""
        for block in self._by_type.get(kind, ()):
            if block.names[: len(labels)] == labels:
                yield block

    @cached_property
    def module_calls(self) -> tuple[ModuleCall, ...]:
        """The `module` blocks."""
        return tuple(
            ModuleCall(block, self.codex, self.declared.locals, self.read_files)
            for block in self.blocks("module")
        )

    @cached_property
    def broken_paths(self) -> frozenset[str]:
        """Files whose blocks may have more in them than could be read."""
        return frozenset(
            document.source.path
            for document in self.all_hcl
            if document.problems or not document.complete
        )

    @cached_property
    def codex_modules(self) -> tuple[ModuleCall, ...]:
        """The calls of the registry's Codex module, and of ours."""
        return tuple(call for call in self.module_calls if call.is_codex or self._is_bundled(call))

    def _is_bundled(self, call: ModuleCall) -> bool:
        """Say whether a call is of the Codex module that `provisioner render` copies."""
        inner = self.local_modules.get(call.source or "") if call.is_local else None
        return inner is not None and inner.declared.variables.keys() >= _INPUTS_OF_BUNDLED

    @cached_property
    def embedded_toml(self) -> tuple[TomlDocument, ...]:
        """The TOML inside calls of the Codex module."""
        return tuple(
            document
            for call in self.codex_modules
            for document in (*call.toml.values(), *call.profiles.values())
        )

    @cached_property
    def codex_configs(self) -> tuple[CodexConfig, ...]:
        """What Codex will read: one config for each module call, TOML file or profile of a home."""
        if self.home:
            return self.home.configs
        return (
            *(config for call in self.codex_modules for config in call.codex_configs),
            *(
                CodexConfig(
                    (Layer(document),), self.codex, complete=not PROFILE_FILE.match(document.path)
                )
                for document in self.toml
            ),
        )

    @property
    def started_home(self) -> CodexHome | None:
        """The home, unless a broken file or the selected profile keeps Codex from starting."""
        home = self.home
        if home is None or self.unreadable or not home.run.is_known or home.profile_refusal:
            return None
        return home

    @cached_property
    def codex_documents(self) -> tuple[tuple[TomlDocument, CodexRelease], ...]:
        """Every Codex TOML that has data and is read, with the Codex that reads it."""
        found = {
            id(document): (document, config.release)
            for config in self.codex_configs
            for document in config.documents
            if document.data is not None
        }
        return tuple(found.values())

    @cached_property
    def toml_documents(self) -> tuple[TomlDocument, ...]:
        """Every Codex TOML that has data."""
        return tuple(
            document for document in (*self.embedded_toml, *self.toml) if document.data is not None
        )

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Every name in an expression of the folder."""
        return tuple(mentions(self.top_blocks))

    @cached_property
    def named_in_settings(self) -> tuple[Traversal, ...]:
        """The names in blocks such as `import`, which no expression of `mentions` has."""
        left_out = [block for block in self.top_blocks if block.type in SETTINGS]
        return tuple(
            name
            for top in left_out
            for block in top.descend()
            for attribute in block.attributes.values()
            for name in names_in(attribute.expression)
        )

    @cached_property
    def declared(self) -> Declared:
        """What the folder declares."""
        return Declared.of(self.top_blocks)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Evaluates the expressions of the folder as far as constants go."""
        return Evaluator(self.declared, NamedFiles(self.named_texts))


def _decoded(path: str, data: bytes | SyntaxProblem) -> tuple[SourceText, SyntaxProblem | None]:
    if isinstance(data, SyntaxProblem):
        return SourceText(path, ""), data
    source, problem = decode_source(data, path)
    if not problem and path.endswith(".json"):
        problem = json_problem(data, source)
    return source, problem
