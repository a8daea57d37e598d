"""Reasons why what a spec says around Codex cannot be carried out: module, template, presets."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.flows import flow as flow_named
from provisioner.flows.base import PersonalCredential
from provisioner.flows.credential import CODEX_API_KEY
from provisioner.gateway_kinds import gateway_kind
from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.hosts import sends_in_clear
from provisioner.knowledge.version import Version
from provisioner.redact import secret_looking
from provisioner.spec.models import Spec

__all__ = ["module_reasons", "preset_reasons", "script_reasons", "template_reasons"]

_Reasons = Iterator[tuple[tuple[str, ...], str, str]]

_ONLY_BUNDLED = ("artifact_url", "artifact_sha256", "sync_after")
_TARGETS = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")
_OWN_UNIT = "provisioner-codex"
_SCRIPTS = ("pre_install_script", "post_install_script")
_SCRIPT_LIMIT = 131_000
"""An agent hands a script to bash as one argument, and Linux takes 128 KiB in one."""


def module_reasons(spec: Spec) -> _Reasons:
    """Yield what the chosen module cannot do."""
    given = spec.module
    if given.source == "registry":
        advice = 'use module.source = "bundled"'
        if given.install in {"npm", "release"}:
            message = "the Codex module of the registry decides itself where Codex comes from"
            yield ("module", "install"), message, advice
        for key in _ONLY_BUNDLED:
            if getattr(given, key):
                message = f'the Codex module of the registry has no "{key}"'
                yield ("module", key), message, advice
        return
    if "codex_module" in spec.target.model_fields_set:
        message = '"target.codex_module" is about the registry, and the module is bundled'
        yield ("target", "codex_module"), message, "remove it"
    yield from _install_reasons(spec)


def _install_reasons(spec: Spec) -> _Reasons:
    given = spec.module
    if given.install is None:
        message = "the bundled module does not know where Codex comes from"
        advice = (
            'say module.install = "release" (an archive with a checksum), "npm" (the image has '
            'npm, which codercom/enterprise-base has not) or "image" (it has Codex)'
        )
        yield ("module", "source"), message, advice
    if given.install == "image" and given.artifact_url:
        message = "nothing is downloaded when the image has Codex"
        yield ("module", "artifact_url"), message, "remove it"
    if given.artifact_url and sends_in_clear(given.artifact_url):
        message = "Codex would be downloaded without TLS"
        yield ("module", "artifact_url"), message, "use https; plain http is for loopback addresses"
    if given.install == "release" and not given.artifact_sha256:
        message = 'module.install = "release" needs the checksum of the archive'
        where = 'give module.artifact_sha256 = { "x86_64-unknown-linux-musl" = "…" }'
        yield ("module", "install"), message, where
    yield from _target_reasons(spec)
    if given.install != "release" and given.artifact_sha256:
        message = 'a checksum has a meaning with module.install = "release" only'
        yield ("module", "artifact_sha256"), message, "remove it; npm checks what it downloads"


def _target_reasons(spec: Spec) -> _Reasons:
    given = spec.module
    for target in given.artifact_sha256:
        if target not in _TARGETS:
            message = f'"{target}" is no target of Codex for Linux'
            yield ("module", "artifact_sha256", target), message, f"use {' or '.join(_TARGETS)}"
    if len(given.artifact_sha256) > 1 and "{target}" not in (given.artifact_url or "{target}"):
        message = "one archive cannot have the checksums of two targets"
        yield (
            ("module", "artifact_url"),
            message,
            "put {target} where the name of the target stands",
        )
    for unit in given.sync_after:
        if unit.startswith(("-", "_")) or unit == _OWN_UNIT:
            message = f'the module cannot wait for the unit "{unit}"'
            yield ("module", "sync_after"), message, "name a unit of another script"


def script_reasons(spec: Spec) -> _Reasons:
    """Yield the scripts with a credential in them, and those that no agent can start."""
    for key in _SCRIPTS:
        size = len((getattr(spec.module, key) or "").encode())
        # Our own module carries them as base64.
        if size * (4 / 3 if spec.module.source == "bundled" else 1) > _SCRIPT_LIMIT:
            message = f'"module.{key}" has {size:,} bytes, and the agent cannot start it'
            yield ("module", key), message, "put long scripts into the image, and call them"
        if any(secret_looking(getattr(spec.module, key) or "")):
            message = f'"module.{key}" holds a credential, which all who see the template get'
            yield ("module", key), message, "read it from a variable in the workspace"
    after = spec.module.post_install_script or ""
    if spec.module.source == "registry" and spec.profiles and after.startswith("#!"):
        message = "the registry's module runs one script, which writes the profiles first"
        advice = 'leave out the first line and write for bash, or use module.source = "bundled"'
        yield ("module", "post_install_script"), message, advice


def template_reasons(spec: Spec) -> _Reasons:
    """Yield what the template cannot have."""
    given = spec.template
    if len(set(given.agents)) < len(given.agents):
        yield ("template", "agents"), "an agent is named twice", "name each agent once"
    if given.folder and "name" in given.model_fields_set:
        message = '"template.folder" and "template.name" both say what to render'
        yield ("template", "name"), message, "remove one of them"
    if given.require_secret:
        yield from _secret_reasons(spec)
    if given.ai_task and not given.launcher:
        message = "a Coder task opens the launcher, which is off"
        yield ("template", "ai_task"), message, "remove template.launcher = false"
    if given.ai_task and spec.credential == CODEX_API_KEY.name:
        message = (
            "the app of a Coder task is Codex's terminal interface, which ignores CODEX_API_KEY"
        )
        yield ("template", "ai_task"), message, "use another credential"


def _secret_reasons(spec: Spec) -> _Reasons:
    flow, kind = flow_named(spec.flow), gateway_kind(spec.gateway.kind)
    brings_key = flow.personal_credential is PersonalCredential.OPENAI_API_KEY
    where = ("template", "require_secret")
    if kind.is_in_coder and not brings_key:
        message = f'in the flow "{flow.name}" users have no key to store as a secret'
        yield where, message, "remove it"
    elif spec.credential == "api_key_login" and spec.module.source == "registry":
        message = "the key is stored by `codex login`, and no variable is read"
        yield where, message, 'use credential = "env_key", or module.source = "bundled"'
    since = coder_gateway().user_secrets_since
    if spec.target.coder and Version.parse(spec.target.coder) < since:
        message = f'Coder "{spec.target.coder}" has no user secrets'
        yield where, message, f"they came with {since}"


def preset_reasons(spec: Spec) -> _Reasons:
    """Yield presets that offer what their parameters do not."""
    defaults = [name for name, preset in spec.presets.items() if preset.default]
    for name in defaults[1:]:
        message = f'the preset "{defaults[0]}" is the default already'
        yield ("presets", name, "default"), message, "Coder takes one default preset"
    for name, preset in spec.presets.items():
        for key in ("model", "model_reasoning_effort"):
            value, options = getattr(preset, key), getattr(spec.parameters, key)
            if value is not None and value not in options:
                message = f'"{value}" is not among the options of "parameters.{key}"'
                yield ("presets", name, key), message, f"add it to parameters.{key}"
            if f"codex_{key}" in preset.parameters:
                message = f'"codex_{key}" is the parameter behind "{key}"'
                where = ("presets", name, "parameters", f"codex_{key}")
                yield where, message, f'use "{key}" of the preset'
