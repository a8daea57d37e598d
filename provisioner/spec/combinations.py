"""Spec values that are valid alone and cannot work together."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.assets import template_names
from provisioner.finding import Finding
from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.codex import CodexRelease, newest_codex, oldest_codex
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.version import Constraint, Version
from provisioner.spec.codes import IMPOSSIBLE_COMBINATION, INVALID_VALUE
from provisioner.spec.models import Spec
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["impossible_combinations"]


def impossible_combinations(spec: Spec, document: TomlDocument, path: str) -> Iterator[Finding]:
    """Yield every reason why `spec` cannot work, at the value to change."""
    for check in (_template, _codex, _module, _coder, _efforts, _choices):
        for where, message, help_text in check(spec):
            kind = INVALID_VALUE if check is _template else IMPOSSIBLE_COMBINATION
            yield kind.finding(message, path, document.value_span(*where), help_text)


_Reasons = Iterator[tuple[tuple[str, ...], str, str]]


def _template(spec: Spec) -> _Reasons:
    if spec.template.name not in template_names():
        known = ", ".join(f'"{name}"' for name in template_names())
        message = f'"template.name": "{spec.template.name}" is not a template source'
        yield ("template", "name"), message, f"there are: {known}"


def _codex(spec: Spec) -> _Reasons:
    if spec.target.codex and Version.parse(spec.target.codex) < oldest_codex():
        message = (
            f'Codex "{spec.target.codex}" is older than {oldest_codex()}, the oldest one measured'
        )
        yield ("target", "codex"), message, f'use "{newest_codex()}"'


def _module(spec: Spec) -> _Reasons:
    where = ("target", "codex_module")
    module = codex_module()
    release = module.release_for(Constraint.parse(spec.target.codex_module))
    if release is None:
        message = f'no release of the Codex module satisfies "{spec.target.codex_module}"'
        yield where, message, f"the newest release is {max(module.releases)}"
        return
    if release < module.inputs_since:
        message = (
            f'flow "{spec.flow}" needs the Codex module {module.inputs_since} or newer, '
            f'and "{spec.target.codex_module}" selects {release}'
        )
        why = "releases before 5 have other inputs, and always write OPENAI_API_KEY and auth.json"
        yield where, message, f'use "~> 5.0"; {why}'
        return
    codex = Version.parse(spec.target.codex) if spec.target.codex else newest_codex()
    limit = module.install_limit(release, codex)
    if limit is not None:
        message = f"the Codex module {release} cannot install Codex {codex} ({limit.source})"
        help_text = (
            f'use "~> {limit.until.parts[0]}.{limit.until.parts[1]}", '
            f"or Codex older than {limit.codex_below}"
        )
        yield where, message, help_text


def _coder(spec: Spec) -> _Reasons:
    oldest = coder_gateway().oldest_with_gateway
    if spec.target.coder and Version.parse(spec.target.coder) < oldest:
        message = f'Coder "{spec.target.coder}" has no AI gateway that the Codex module can use'
        yield ("target", "coder"), message, f"the module asks for {oldest} or newer"


def _efforts(spec: Spec) -> _Reasons:
    codex = CodexRelease(Version.parse(spec.target.codex) if spec.target.codex else newest_codex())
    fixed = codex.reasoning_efforts
    if fixed is None:
        return
    chosen = [(("codex", "model_reasoning_effort"), spec.codex.model_reasoning_effort)]
    chosen += [
        (("parameters", "model_reasoning_effort"), value)
        for value in spec.parameters.model_reasoning_effort
    ]
    for where, value in chosen:
        if value and value not in fixed:
            message = f'Codex {codex.version} refuses the reasoning effort "{value}"'
            yield where, message, f"it accepts {', '.join(fixed)}"


def _choices(spec: Spec) -> _Reasons:
    for key in ("model", "model_reasoning_effort"):
        fixed, options = getattr(spec.codex, key), getattr(spec.parameters, key)
        if fixed and options and fixed not in options:
            message = f'the default "{fixed}" is not among the options of "parameters.{key}"'
            yield ("codex", key), message, f"add it to parameters.{key}, or use one of its options"
        if len(set(options)) != len(options):
            message = f'"parameters.{key}" names an option twice'
            yield ("parameters", key), message, "Coder refuses a parameter with equal options"
