"""PRV401."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Expression
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unpinned_module"]

_REGISTRY = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?\Z")
_REF = re.compile(r"[?&]ref=.")
_GIT_HOSTS = ("github.com/", "bitbucket.org/", "git@")


@rule("PRV401", "unpinned-module", Severity.WARNING)
def unpinned_module(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A module whose next release is taken unseen.

    What it does:
        Reports modules from a registry that have no `version`, or one without an upper bound, and
        modules from git without `?ref=`. Modules of the same folder tree are fine.

    Why:
        A template has no lock file for modules: the next push of an unchanged template can get a
        new major release, and workspaces change or break.

    Use instead:
        `version = "~> 5.4"`, or `?ref=` with a tag or commit.
    """
    for call in workspace.module_calls:
        if found := _unpinned(call):
            place, message, advice = found
            yield this.finding(place.path, place.span, message, help=advice)


def _unpinned(call: ModuleCall) -> tuple[Expression, str, str] | None:
    place, source = call.block.value("source"), call.source
    if place is None or source is None:
        return None
    if source.startswith(("git::", *_GIT_HOSTS)):
        if _REF.search(source):
            return None
        message = f'the module "{source}" is taken from git without "?ref="'
        return place, message, 'add "?ref=" and a tag or commit to the source'
    return _unbounded(call, place) if _REGISTRY.match(source) else None


def _unbounded(call: ModuleCall, source: Expression) -> tuple[Expression, str, str] | None:
    version = call.block.value("version")
    if version is None:
        return source, f'the module "{call.source}" has no version', _advice(call)
    if call.constraint is None or call.constraint.has_upper_bound:
        return None
    message = f'the version "{call.constraint.text}" allows every later release'
    return version, message, _advice(call)


def _advice(call: ModuleCall) -> str:
    if not call.is_codex or call.codex_release is None:
        return 'write a version such as "~> 1.2"'
    major, minor, *_ = call.codex_release.parts
    return f'write version = "~> {major}.{minor}"'
