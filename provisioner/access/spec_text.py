"""A resolved mode → the text of a spec that carries it out.

The spec stands alone: what was decided can be read, reviewed and kept, and rendering it again next
month does not depend on what has been spent since.
"""

from __future__ import annotations

from collections.abc import Mapping

import tomlkit

from provisioner.access.auth_mode import AuthMode
from provisioner.access.flow_of_mode import OWN_KEY_VARIABLE
from provisioner.access.model import Resolved
from provisioner.access.pool import PoolProvider

__all__ = ["spec_text", "without_template"]

_TEMPLATES = {PoolProvider.DOCKER: "docker", PoolProvider.KUBERNETES: "kubernetes"}


def spec_text(resolved: Resolved, profile: str) -> str:
    """Return the text of a `provisioner.toml`; `profile` is what its first lines name."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment(f'Profile "{profile}": {resolved.mode}, in pool "{resolved.pool.name}".')
    )
    document.add(
        tomlkit.comment("Made by `provisioner access resolve`, which writes it anew with --force.")
    )
    if words := without_template(resolved):
        document.add(tomlkit.comment(f"{words[0].upper()}{words[1:]}."))
    document.add("flow", tomlkit.item(resolved.flow.name))
    tables: dict[str, Mapping[str, str | int | None]] = {
        "gateway": _gateway(resolved),
        "template": {"name": _TEMPLATES.get(resolved.pool.provider)},
        "codex": {
            "model": resolved.entry.model_id,
            "model_reasoning_effort": resolved.effort,
            "model_context_window": resolved.context_window,
            "service_tier": resolved.codex_service_tier,
        },
        "target": {"codex": str(resolved.codex)},
    }
    for name, given in tables.items():
        table = tomlkit.table()
        for key, value in given.items():
            if value:
                table.add(key, value)
        if table:
            document.add(name, table)
    return tomlkit.dumps(document)


def without_template(resolved: Resolved) -> str:
    """Say that there is no template for the pool; empty where there is one."""
    provider = resolved.pool.provider
    if provider in _TEMPLATES:
        return ""
    return (
        f"there is no template for {provider} pools, and the spec names none: "
        "`provisioner render` would make its default one"
    )


def _gateway(resolved: Resolved) -> dict[str, str]:
    gateway = resolved.gateway
    variable = gateway.token_env
    if resolved.mode is AuthMode.BYOK and not resolved.flow.gateway_token_in_header:
        variable = variable or OWN_KEY_VARIABLE
    return {"kind": gateway.kind.name, "url": gateway.url, "token_env": variable}
