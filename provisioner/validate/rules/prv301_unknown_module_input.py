"""PRV301."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Fix, Severity, Span
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.module_facts import ModuleInput
from provisioner.knowledge.version import Version
from provisioner.validate.nearest import did_you_mean, renamed
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_module_input"]

_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})


@rule("PRV301", "unknown-module-input", Severity.ERROR, fixes=Fixes.UNSAFE)
def unknown_module_input(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument that the selected release of the Codex module does not have.

    What it does:
        Compares the arguments of a call of the Codex module with the inputs of the release that
        its version constraint selects. Releases before 4.3.1 are not checked.

    Why:
        `terraform init` fetches another module than the author had in mind, and `terraform plan`
        ends with `Unsupported argument`.

    Use instead:
        The input that took its place, or a release that has it.
    """
    for call in workspace.codex_modules:
        release = call.codex_release
        inputs = codex_module().inputs(release) if release else None
        if release is None or inputs is None:
            continue
        for name, attribute in call.block.attributes.items():
            if name not in inputs and name not in _META_ARGUMENTS:
                yield this.finding(
                    attribute.path,
                    attribute.name_span,
                    f'release {release} of the Codex module has no input "{name}"',
                    help=_help(name, release, inputs),
                    fix=_fix(name, attribute.name_span, inputs),
                )


def _fix(name: str, span: Span, inputs: dict[str, ModuleInput]) -> Fix | None:
    known = codex_module()
    once_known = {*(item.name for item in known.all_inputs), *(item.name for item in known.removed)}
    if name in once_known:
        return None
    return renamed(name, span, inputs)


def _help(name: str, release: Version, inputs: dict[str, ModuleInput]) -> str:
    known = codex_module()
    if instead := known.instead_of(name, release):
        return f"use {instead} instead"
    others = [item for item in known.all_inputs if item.name == name]
    for item in others:
        if item.since > release:
            before = [old.name for old in known.removed if old.use == name and old.name in inputs]
            first = f'use "{before[0]}" here; ' if before else ""
            return f'{first}"{name}" exists since release {item.since}; require it in "version"'
    for item in others:
        return f"remove it: releases from {item.until} on have nothing like it"
    return did_you_mean(name, inputs) or f"the inputs are {', '.join(sorted(inputs))}"
