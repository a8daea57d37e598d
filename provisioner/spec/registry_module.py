"""Reasons why the release of the registry's Codex module that a spec selects cannot serve it."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.flows import flow as flow_named
from provisioner.knowledge.codex import newest_codex
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.module_facts import ClearedCredential
from provisioner.knowledge.version import Constraint, Version
from provisioner.spec.models import Spec

__all__ = ["cleared_credential", "registry_reasons"]

_Reasons = Iterator[tuple[tuple[str, ...], str, str]]

_WHERE = ("target", "codex_module")
_NEWER = 'use "~> 5.0"'


def cleared_credential(spec: Spec) -> ClearedCredential | None:
    """Return what the module takes away from its users at each start, None for the bundled one."""
    if spec.module.source == "bundled":
        return None
    release = codex_module().release_for(Constraint.parse(spec.target.codex_module))
    return codex_module().cleared_credential(release) if release else None


def registry_reasons(spec: Spec) -> _Reasons:
    """Yield what the selected release cannot do, or that none is selected."""
    if spec.module.source == "bundled":
        return
    module, wanted = codex_module(), spec.target.codex_module
    if not Constraint.parse(wanted).has_upper_bound:
        message = f'"{wanted}" takes the next major release of the module unseen'
        yield _WHERE, message, 'use a constraint with an upper bound, such as "~> 5.0"'
    release = module.release_for(Constraint.parse(wanted))
    if release is None:
        message = f'no release of the Codex module satisfies "{wanted}"'
        yield _WHERE, message, f"the newest release is {max(module.releases)}"
        return
    if release < module.known_since:
        message = f'"{wanted}" selects release {release} of the Codex module, which is not known'
        yield _WHERE, message, f'{_NEWER}, or "~> {module.known_since}"'
        return
    codex = Version.parse(spec.target.codex) if spec.target.codex else newest_codex()
    limit = module.install_limit(release, codex)
    if limit is not None:
        message = f"the Codex module {release} cannot install Codex {codex} ({limit.source})"
        help_text = f'use "{limit.constraint_after}", or Codex older than {limit.codex_below}'
        yield _WHERE, message, help_text
    yield from _credential_reasons(spec, release)
    yield from _clashes(spec, release)


def _credential_reasons(spec: Spec, release: Version) -> _Reasons:
    """Yield credentials that the module overwrites."""
    cleared = codex_module().cleared_credential(release)
    if cleared is None:
        return
    if flow_named(spec.flow).gateway_token_in_header:
        message = (
            f'the Codex module {release}, which "{spec.target.codex_module}" selects, cannot serve '
            f'the flow "{spec.flow}"'
        )
        why = (
            f"releases before {cleared.until} empty {cleared.variable} and auth.json at each start"
        )
        yield _WHERE, message, f"{_NEWER}; {why}"
    elif spec.gateway.token_env == cleared.variable:
        message = f"the Codex module {release} empties {cleared.variable} in every workspace"
        help_text = f'use another variable, or target.codex_module = "{cleared.constraint_after}"'
        yield ("gateway", "token_env"), message, help_text


def _clashes(spec: Spec, release: Version) -> _Reasons:
    """Yield what the module makes itself and the spec has too."""
    config, app = codex_module().config(release), codex_module().own_app(release)
    if config and config.mcp_server in spec.mcp:
        message = f'the Codex module {release} adds an MCP server "{config.mcp_server}" of its own'
        yield ("mcp", config.mcp_server), message, "give this one another name"
    if app and len(spec.template.agents) > 1:
        message = (
            f'the Codex module {release} makes an app "{app.slug}" for each agent, which Coder '
            "takes once in a template"
        )
        yield ("template", "agents"), message, f"name one agent, or {_NEWER}"
