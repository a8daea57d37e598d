"""PRV510."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import ConfigKey, codex_config_keys
from provisioner.knowledge.codex_tables import CodexTable, codex_tables
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.codex_values import choice_error, setting_name, type_error, type_errors
from provisioner.validate.mcp_server import MCP_SERVER, mcp_server_problems
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["refused_setting"]

_EFFORTS = frozenset({"model_reasoning_effort", "plan_mode_reasoning_effort"})
_Path = tuple[str | int, ...]


@rule("PRV510", "refused-setting", Severity.ERROR)
def refused_setting(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A value that this version of Codex does not take.

    What it does:
        Compares the values of the keys at the root, and of the tables that are known, with the
        types and words that the version of Codex takes: a number in quotes, `web_search = false`,
        `trust_level = "yes"`, `approval_policy = "untrusted"` from 0.149 on, an effort that a
        version before 0.140 does not know. Reports MCP servers with keys of the other kind, such
        as `env` beside `url`, or with neither `command` nor `url`, and tables without a field that
        they must have.

    Why:
        Codex ends at the start with `Error loading config.toml`.

    Use instead:
        A value that the finding names.
    """
    for document, release in workspace.codex_documents:
        for path, reason in _problems(document, release):
            if not document.has_hole(*path):
                yield this.finding(
                    document.path,
                    document.value_span(*path),
                    f'Codex {release.version} refuses "{setting_name(path)}": {reason}',
                )


def _problems(document: TomlDocument, release: CodexRelease) -> Iterator[tuple[_Path, str]]:
    known = codex_config_keys()
    yield from _in_table(document, (), known.root, release)
    profiles = document.get("profiles")
    for name, table in profiles.items() if isinstance(profiles, dict) else ():
        if reason := type_error(table, "struct ConfigProfile"):
            yield ("profiles", name), reason
        elif isinstance(table, dict):
            yield from _in_table(document, ("profiles", name), known.profile, release)
    yield from _in_tables(document, release)
    features = document.get("features")
    for name, value in features.items() if isinstance(features, dict) else ():
        if not isinstance(value, dict) and (reason := type_error(value, "a boolean")):
            yield ("features", name), reason
    if document.get("approval_policy") == "untrusted" and release.has("untrusted_approval_refused"):
        reason = 'approval_policy = "untrusted" is no longer supported; remove this setting'
        yield ("approval_policy",), reason
    for key in document.data or ():
        if known.is_removed(key, release.version):
            yield (key,), f"`{key}` is no longer supported; remove it from config.toml"


def _in_tables(document: TomlDocument, release: CodexRelease) -> Iterator[tuple[_Path, str]]:
    known = codex_tables()
    for pattern, wanted in known.entries.items():
        entries = document.get(*pattern)
        for name, value in entries.items() if isinstance(entries, dict) else ():
            if reason := type_error(value, wanted):
                yield (*pattern, name), reason
    for path, missing in known.missing(document.data or {}, release.version):
        yield path, f"missing field `{missing}`"
    for table in known.within(document.data or {}):
        yield from _in_known_table(table, release)
        if table.pattern == MCP_SERVER:
            yield from mcp_server_problems(table, release.version)


def _in_known_table(table: CodexTable, release: CodexRelease) -> Iterator[tuple[_Path, str]]:
    for name, value in table.content.items():
        key = table.keys.get(name)
        if key is None or not key.known_to(release.version):
            continue
        if key.type.startswith("a choice"):
            choices = codex_tables().choices(table, name, release.version)
            is_map = isinstance(value, dict) and key.type.endswith("map")
            reason = choice_error(value, choices) if choices and not is_map else None
            if reason:
                yield (*table.path, name), reason
            continue
        for inner, reason in type_errors(value, key):
            yield (*table.path, name, *inner), reason


def _in_table(
    document: TomlDocument, path: _Path, keys: Mapping[str, ConfigKey], release: CodexRelease
) -> Iterator[tuple[_Path, str]]:
    for name, value in (document.get(*path) if path else document.data or {}).items():
        key = keys.get(name)
        if key is None or not key.known_to(release.version):
            continue
        if key.type.startswith("a choice"):
            if not (isinstance(value, dict) and key.type.endswith("map")) and (
                reason := _wrong_choice(name, value, release)
            ):
                yield (*path, name), reason
            continue
        for inner, reason in type_errors(value, key):
            yield (*path, name, *inner), reason


def _wrong_choice(name: str, value: Any, release: CodexRelease) -> str | None:  # noqa: ANN401
    choices: tuple[str, ...] | None
    if name in _EFFORTS:
        choices = release.reasoning_efforts
    elif name == "service_tier":
        choices = release.service_tiers
    else:
        choices = codex_config_keys().choices(name, release.version)
    if choices:
        return choice_error(value, choices)
    if name in _EFFORTS and value == "":
        return "reasoning_effort must not be empty"
    return type_error(value, "a string")
