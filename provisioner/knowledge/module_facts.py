"""Facts about the Codex module of the Coder registry that hold from one release to another."""

from __future__ import annotations

import re

from msgspec import Struct

from provisioner.knowledge.version import Version

__all__ = [
    "ClearedCredential",
    "Fact",
    "GatewayProvider",
    "InstallLimit",
    "ModuleInput",
    "NpmInstall",
    "Override",
    "OwnApp",
    "RemovedInput",
    "VersionForm",
    "WrittenConfig",
]


class Fact(Struct, frozen=True, kw_only=True):
    """What holds from the release `since` on, and before `until` where that is given."""

    since: Version
    until: Version | None = None

    def holds_for(self, release: Version) -> bool:
        """Say whether it is about `release`."""
        return self.since <= release and (self.until is None or release < self.until)

    @property
    def constraint_after(self) -> str:
        """Constraint on the releases that it is not about any more; empty where there are none."""
        return "~> {}.{}".format(*self.until.parts) if self.until else ""


class ModuleInput(Fact, frozen=True, kw_only=True):
    """One input variable of the module."""

    name: str
    type: str
    required: bool = False
    sensitive: bool = False
    nullable: bool = False
    """Whether null is taken; Terraform ends with an error where it is not."""
    choices: tuple[str, ...] = ()
    """The only values, none where the module does not check."""


class GatewayProvider(Fact, frozen=True, kw_only=True):
    """The Codex provider table that the input `switch` appends."""

    switch: str
    id: str
    name: str
    token_env: str


class InstallLimit(Fact, frozen=True, kw_only=True):
    """Releases that cannot install Codex `codex_below` or newer; there is always an end."""

    until: Version
    codex_below: Version
    source: str


class VersionForm(Fact, frozen=True, kw_only=True):
    """What `codex_version` may be; no `pattern` where npm reads it."""

    words: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None

    def takes(self, version: str) -> bool:
        """Say whether the installer accepts `version`."""
        if self.pattern is None:
            return True
        return version in self.words or self.pattern.fullmatch(version) is not None


class WrittenConfig(Fact, frozen=True, kw_only=True):
    """How the install script puts config.toml together; the texts are lines of TOML."""

    default: str
    default_for_gateway: str
    default_for_effort: str
    default_tables: str = ""
    default_for_workdir: str
    mcp_input: str
    mcp_server: str = ""
    """Name of the MCP server that the module adds below the base config; empty for none."""
    unknown_keys: tuple[str, ...] = ()
    """Keys of that server's table that Codex does not know."""
    searches_header: bool = False
    markers: tuple[str, ...] = ()

    @property
    def mcp_header(self) -> str:
        """The table that is open where `mcp_input` begins; empty where the module adds none."""
        return f"[mcp_servers.{self.mcp_server}]" if self.mcp_server else ""


class ClearedCredential(Fact, frozen=True, kw_only=True):
    """Releases that empty `variable` and write auth.json anew at each start."""

    variable: str


class OwnApp(Fact, frozen=True, kw_only=True):
    """Releases that start Codex's terminal interface themselves, in an app of theirs."""

    slug: str


class NpmInstall(Fact, frozen=True, kw_only=True):
    """Releases that install Codex with npm: where a shell finds it."""

    folders: tuple[str, ...]
    script: str
    """Script that a shell has to read first, if it is there."""


class Override(Fact, frozen=True, kw_only=True):
    """An input that needs another value than its default beside a config that says everything."""

    input: str
    value: str | bool
    reason: str


class RemovedInput(Fact, frozen=True, kw_only=True):
    """An input that releases from `since` on do not have, and what took its place."""

    name: str
    use: str
