"""PRV505."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity
from provisioner.knowledge.codex import CodexRelease
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["legacy_profile"]


@rule("PRV505", "legacy-profile", Severity.ERROR)
def legacy_profile(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A profile that this version of Codex does not read.

    What it does:
        For Codex 0.134 and newer, reports `profile = "…"` and the tables below `profiles`; in a
        Codex home also a selected profile that has no file `NAME.config.toml`, and a name that
        `--profile` does not take. For older versions, reports a selected profile without a table,
        and profile files.

    Why:
        From 0.134 on a profile is a file. Codex refuses the key, and refuses the table when it is
        selected; a table that is not selected is dead. A selected profile without a file is no
        error to Codex: it runs on the config alone, maybe past the gateway.

    Use instead:
        `NAME.config.toml` beside config.toml with the same keys at its root, and
        `codex -p NAME`; for versions before 0.134 a table.
    """
    for document, release in workspace.codex_documents:
        if release.has("profile_files"):
            yield from _in_document(this, workspace.home, document, release)
    if workspace.home:
        if workspace.home.reads_profile_files:
            yield from _selection(this, workspace.home)
        else:
            yield from _before_files(this, workspace.home)


def _in_document(
    this: Rule, home: CodexHome | None, document: TomlDocument, release: CodexRelease
) -> Iterator[Finding]:
    name = document.get("profile")
    if isinstance(name, str):
        yield this.finding(
            document.path,
            document.key_span("profile"),
            f'Codex {release.version} refuses this: legacy `profile = "{name}"` config is no '
            "longer supported",
            help=f"remove it, and start Codex with `-p {name}`",
        )
    tables = document.get("profiles")
    for name in tables if isinstance(tables, dict) else ():
        selected = bool(home and home.profile == name and document is home.config)
        yield this.finding(
            document.path,
            document.key_span("profiles", name),
            f"Codex {release.version} refuses this: {home.profile_refusal}"
            if home and selected
            else f"Codex {release.version} does not read [profiles.{name}]",
            help=f"move its keys into {name}.config.toml, and remove the table",
            severity=None if selected else Severity.WARNING,
        )


def _selection(this: Rule, home: CodexHome) -> Iterator[Finding]:
    name, reason = home.profile, home.profile_refusal
    if name is None or name in home.profiles or name in home.legacy_profiles:
        return
    if reason and reason.startswith("invalid"):
        message = f"Codex {home.release.version} stops with {reason}"
        advice = "use letters, digits, - and _"
    else:
        message = f'there is no {name}.config.toml: Codex runs without the profile "{name}"'
        advice = did_you_mean(name, home.profiles) or "write the file"
    yield this.finding(home.config_path, FILE_START, message, help=advice)


def _before_files(this: Rule, home: CodexHome) -> Iterator[Finding]:
    version, name = home.release.version, home.selected_profile
    reason = home.profile_refusal
    for found, document in home.profiles.items():
        selected = bool(reason) and found == name
        yield this.finding(
            document.path,
            FILE_START,
            f"Codex {version} does not read this file" + (f": {reason}" if selected else ""),
            help=f"write its keys below [profiles.{found}] of config.toml, or update Codex",
            severity=None if selected else Severity.NOTE,
        )
    if reason and name not in home.profiles:
        legacy = home.run.text("profile") if home.profile is None else None
        yield this.finding(
            legacy.file if legacy else home.config_path,
            legacy.value_span if legacy else FILE_START,
            f"Codex {version} stops with {reason}",
            help=did_you_mean(str(name), home.legacy_profiles) or f"write [profiles.{name}]",
        )
