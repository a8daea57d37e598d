"""Spec values that are valid alone and cannot work together."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.assets import template_names
from provisioner.finding import Finding
from provisioner.flows import flow as flow_named
from provisioner.gateway_kinds import gateway_kind
from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.codex import CodexRelease, newest_codex, oldest_codex
from provisioner.knowledge.hosts import sends_in_clear
from provisioner.knowledge.version import Version
from provisioner.spec.around_codex import (
    module_reasons,
    preset_reasons,
    script_reasons,
    template_reasons,
)
from provisioner.spec.codes import IMPOSSIBLE_COMBINATION, INVALID_VALUE
from provisioner.spec.mcp_reasons import mcp_reasons
from provisioner.spec.models import Spec
from provisioner.spec.registry_module import cleared_credential, registry_reasons
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["impossible_combinations", "possible_credentials", "refusals_of_codex"]


def possible_credentials(spec: Spec) -> tuple[str, ...]:
    """Return the names of the ways in which the bearer can reach Codex, the default first."""
    flow, kind = flow_named(spec.flow), gateway_kind(spec.gateway.kind)
    names = tuple(credential.name for credential in flow.credentials)
    if spec.module.source == "bundled" or flow.gateway_token_in_header:
        return names
    # The module of the registry writes the provider table, with a variable of its own in it, or it
    # leaves Codex no key but one in a variable.
    return names[:1] if kind.is_in_coder or cleared_credential(spec) else names


def impossible_combinations(spec: Spec, document: TomlDocument, path: str) -> Iterator[Finding]:
    """Yield every reason why `spec` cannot work, at the value to change."""
    for check in _CHECKS:
        for where, message, help_text in check(spec):
            kind = INVALID_VALUE if check is _template_name else IMPOSSIBLE_COMBINATION
            yield kind.finding(message, path, document.value_span(*where), help_text)


def refusals_of_codex(spec: Spec) -> Iterator[str]:
    """Yield every reason why the Codex that `spec` targets cannot carry it out, with what to do."""
    for check in (_codex, _closed_values):
        for _, message, help_text in check(spec):
            yield f"{message}; {help_text}"


_Reasons = Iterator[tuple[tuple[str, ...], str, str]]


def _template_name(spec: Spec) -> _Reasons:
    if not spec.template.folder and spec.template.name not in template_names():
        known = ", ".join(f'"{name}"' for name in template_names())
        message = f'"template.name": "{spec.template.name}" is not a template source'
        yield ("template", "name"), message, f"there are: {known}"


def _codex(spec: Spec) -> _Reasons:
    if spec.target.codex and Version.parse(spec.target.codex) < oldest_codex():
        message = (
            f'Codex "{spec.target.codex}" is older than {oldest_codex()}, the oldest one measured'
        )
        yield ("target", "codex"), message, f'use "{newest_codex()}"'


def _coder(spec: Spec) -> _Reasons:
    oldest = coder_gateway().oldest_with_gateway
    if spec.target.coder and Version.parse(spec.target.coder) < oldest:
        message = f'Coder "{spec.target.coder}" has no AI gateway that the Codex module can use'
        yield ("target", "coder"), message, f"the module asks for {oldest} or newer"


def _closed_values(spec: Spec) -> _Reasons:
    codex = CodexRelease(Version.parse(spec.target.codex) if spec.target.codex else newest_codex())
    closed = {
        "model_reasoning_effort": codex.reasoning_efforts,
        "service_tier": codex.service_tiers,
    }
    for key, accepted in closed.items():
        for where, value in _given(spec, key):
            if accepted is not None and value and value not in accepted:
                message = f'Codex {codex.version} refuses "{value}" as {key}'
                yield where, message, f"it accepts {', '.join(accepted)}"


def _given(spec: Spec, key: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield every value that Codex could get for `key`, with its place in the spec."""
    yield ("codex", key), getattr(spec.codex, key)
    for value in getattr(spec.parameters, key, ()):
        yield ("parameters", key), value
    for name, profile in spec.profiles.items():
        yield ("profiles", name, key), getattr(profile, key)


def _kind(spec: Spec) -> _Reasons:
    kind = gateway_kind(spec.gateway.kind)
    if spec.flow not in kind.flows:
        message = f'{kind.title} cannot serve the flow "{spec.flow}"'
        yield ("flow",), message, f'use {", ".join(sorted(kind.flows))}, or gateway.kind = "coder"'
    if sends_in_clear(spec.gateway.url or ""):
        message = f'"{spec.gateway.url}" would get credentials without TLS'
        yield ("gateway", "url"), message, "use https; plain http is for loopback addresses"
    if kind.is_in_coder:
        reason = "the names are fixed by the Codex module and by Coder"
        if spec.gateway.token_env:
            yield ("gateway", "token_env"), f"{kind.title} has no token_env to choose", reason
        is_written = spec.flow == "centralized" and spec.module.source == "registry"
        if is_written and spec.gateway.stream_idle_timeout_ms:
            message = "the Codex module writes the provider table of this flow, without a timeout"
            yield ("gateway", "stream_idle_timeout_ms"), message, "remove it, or use another flow"


def _credential(spec: Spec) -> _Reasons:
    if spec.credential is None:
        return
    names = possible_credentials(spec)
    if spec.credential not in names:
        title = gateway_kind(spec.gateway.kind).title
        message = (
            f'"{spec.credential}" cannot bring the bearer of the flow "{spec.flow}" to {title}'
        )
        help_text = f"use {', '.join(names)}, or leave it out"
        if cleared := cleared_credential(spec):
            help_text += (
                f"; the Codex module before {cleared.until} empties auth.json at each start, and "
                "opens Codex's terminal interface, which ignores CODEX_API_KEY"
            )
        yield ("credential",), message, help_text
    elif spec.credential != "env_key" and spec.gateway.token_env:
        message = f'"gateway.token_env" has no meaning with credential = "{spec.credential}"'
        yield ("gateway", "token_env"), message, 'remove it, or use credential = "env_key"'


def _choices(spec: Spec) -> _Reasons:
    for key in ("model", "model_reasoning_effort"):
        fixed, options = getattr(spec.codex, key), getattr(spec.parameters, key)
        if fixed and options and fixed not in options:
            message = f'the default "{fixed}" is not among the options of "parameters.{key}"'
            yield ("codex", key), message, f"add it to parameters.{key}, or use one of its options"
        if len(set(options)) != len(options):
            message = f'"parameters.{key}" names an option twice'
            yield ("parameters", key), message, "Coder refuses a parameter with equal options"


_CHECKS = (
    _template_name,
    _codex,
    registry_reasons,
    _coder,
    _kind,
    _credential,
    _closed_values,
    _choices,
    module_reasons,
    script_reasons,
    template_reasons,
    preset_reasons,
    mcp_reasons,
)
