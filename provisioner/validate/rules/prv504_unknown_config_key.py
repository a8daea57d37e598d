"""PRV504."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.finding import Confidence, Finding, Fix, Severity, Span
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import ConfigKey, codex_config_keys
from provisioner.knowledge.codex_features import codex_features
from provisioner.knowledge.codex_tables import codex_tables
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.misplaced import misplaced_pairs
from provisioner.validate.nearest import did_you_mean, renamed
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_config_key"]


@rule("PRV504", "unknown-config-key", Severity.WARNING, fixes=Fixes.UNSAFE)
def unknown_config_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A setting that this version of Codex does not have.

    What it does:
        Compares the keys at the root, in the tables of model providers, MCP servers, features and
        others that are known and, before 0.134, in those of profiles with the keys of the Codex
        that reads them. Keys that an older or newer version has are reported with that version.

    Why:
        Codex goes on without the setting. Before 0.158 it says nothing; from 0.131 on
        `--strict-config` refuses the file.

    Use instead:
        The name that Codex has, or no such line.
    """
    for document, release in workspace.codex_documents:
        misplaced = {pair.path for _, pair in misplaced_pairs(document, release)}
        for path, table in _keys(document, release):
            if path not in misplaced and codex_config_keys().is_unknown(
                str(path[-1]), table, release.version
            ):
                yield this.finding(
                    document.path,
                    document.key_span(*path),
                    _message(str(path[-1]), release),
                    help=_help(str(path[-1]), table, release),
                    fix=_fix(str(path[-1]), document.key_span(*path), table, release),
                    confidence=Confidence.HIGH if release.is_measured else Confidence.MEDIUM,
                )
        for path, advice in (*_in_tables(document, release), *_features(document, release)):
            if path not in misplaced:
                yield this.finding(
                    document.path,
                    document.key_span(*path),
                    _message(path[-1], release),
                    help=advice,
                    confidence=Confidence.HIGH if release.is_measured else Confidence.MEDIUM,
                )


_Table = Mapping[str, ConfigKey]


def _keys(
    document: TomlDocument, release: CodexRelease
) -> Iterator[tuple[tuple[str, ...], _Table]]:
    known = codex_config_keys()
    for key in document.data or ():
        yield (key,), known.root
    tables = {"model_providers": known.provider}
    if not release.has("profile_files"):
        tables["profiles"] = known.profile
    for parent, table in tables.items():
        named = document.get(parent)
        for name, content in named.items() if isinstance(named, dict) else ():
            for key in content if isinstance(content, dict) else ():
                yield (parent, name, key), table


def _in_tables(
    document: TomlDocument, release: CodexRelease
) -> Iterator[tuple[tuple[str, ...], str]]:
    known = codex_tables()
    for table in known.within(document.data or {}):
        for key in table.content:
            if known.is_unknown(key, table, release.version):
                yield (*table.path, key), _help(key, table.keys, release)


def _features(
    document: TomlDocument, release: CodexRelease
) -> Iterator[tuple[tuple[str, ...], str]]:
    known = codex_features()
    features = document.get("features")
    for name in features if isinstance(features, dict) else ():
        if known.is_unknown(name, release.version):
            table = known.by_name
            advice = did_you_mean(name, known.names(release.version)) or "remove it"
            yield ("features", name), _help(name, table, release) if name in table else advice


def _message(key: str, release: CodexRelease) -> str:
    warned = release.has("unknown_key_warning")
    how = "with no more than a warning" if warned else "without a word"
    return f'Codex {release.version} has no setting "{key}" here, and ignores it {how}'


def _fix(key: str, span: Span, table: _Table, release: CodexRelease) -> Fix | None:
    if key in codex_config_keys().long_gone or key in table:
        return None
    return renamed(key, span, _names(table, release))


def _names(table: _Table, release: CodexRelease) -> list[str]:
    return [name for name, item in table.items() if item.known_to(release.version)]


def _help(key: str, table: _Table, release: CodexRelease) -> str:
    known = table.get(key)
    if key in codex_config_keys().long_gone:
        return "no version in use has it: remove it"
    if known and known.since and release.version < known.since:
        return f"Codex {known.since} has it"
    if known and known.until:
        return f"no Codex from {known.until} on has it: remove it"
    return did_you_mean(key, _names(table, release)) or "remove it"
