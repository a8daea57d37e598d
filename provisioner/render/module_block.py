"""Plan → the call of the module that installs and configures Codex."""

from __future__ import annotations

import base64

from provisioner.errors import InputError
from provisioner.plan.model import Plan
from provisioner.render.codex_config import config_toml_parts, profile_files
from provisioner.render.hcl_text import (
    Expression,
    Rows,
    arguments,
    block,
    heredoc,
    object_key,
    quoted,
)

__all__ = ["base_config_parts", "module_block", "module_inputs"]

_ACCESS_URL = Expression("data.coder_workspace.me.access_url")


def module_block(plan: Plan, label: str, agent_id: str) -> str:
    """Return the module block for one agent."""
    rows = [("source", quoted(plan.module.source))]
    if not plan.module.is_bundled:
        rows.append(("version", quoted(plan.module.version)))
    rows.append(("agent_id", agent_id))
    rows += module_inputs(plan)
    config = heredoc(base_config_parts(plan), indent=2, marker="TOML")
    parts: list[Rows | str] = [
        [("count", "data.coder_workspace.me.start_count")],
        rows,
        f"  base_config_toml = {config}",
        *_bundled_parts(plan),
        *_scripts(plan),
    ]
    return block(f'module "{label}"', *parts)


def base_config_parts(plan: Plan) -> tuple[str | Expression, ...]:
    """Return config.toml as the module gets it; raises `InputError` without a gateway URL."""
    return config_toml_parts(
        plan.codex, _gateway_url(plan), with_provider=not plan.module.writes_provider
    )


def module_inputs(plan: Plan) -> list[tuple[str, str]]:
    """Return the inputs that fit a line, beside the agent."""
    module = plan.module
    rows = [
        ("workdir", quoted(plan.codex.trusted_workdir)),
        ("codex_version", quoted(module.codex_version)),
    ]
    if module.gateway_switch:
        rows.append((module.gateway_switch, "true"))
    rows += [
        (name, quoted(value) if isinstance(value, str) else str(value).lower())
        for name, value in module.overrides.items()
    ]
    if not module.is_bundled:
        return rows + [("install_codex", "false")] * (module.install == "image")
    rows.append(("install_source", quoted(module.install)))
    if module.artifact_url:
        rows.append(("artifact_url", quoted(module.artifact_url)))
    rows.append(("credential", quoted(plan.credential.name)))
    if plan.login_variable:
        rows.append(("login_env", quoted(plan.login_variable)))
    if module.sync_after:
        units = ", ".join(quoted(unit) for unit in module.sync_after)
        rows.append(("sync_after", f"[{units}]"))
    return rows


def _bundled_parts(plan: Plan) -> list[str]:
    if not plan.module.is_bundled:
        return []
    sums = {name: quoted(value) for name, value in plan.module.artifact_sha256.items()}
    profiles = {
        name.removesuffix(".config.toml"): _toml(text)
        for name, text in profile_files(plan.codex).items()
    }
    return [
        f"  {name} = {{\n{arguments(rows, indent=4)}\n  }}"
        for name, values in (("artifact_sha256", sums), ("profiles", profiles))
        if (rows := [(object_key(key), value) for key, value in values.items()])
    ]


def _toml(text: str) -> str:
    return heredoc([text], indent=4, marker="TOML") if text else quoted("")


def _scripts(plan: Plan) -> list[str]:
    before = plan.module.pre_install_script
    after = plan.module.post_install_script
    if not plan.module.is_bundled:
        after = _profile_script(plan) + after
    texts = {"pre_install_script": before, "post_install_script": after}
    return [
        f"  {name} = {heredoc([text], indent=2, marker='SH')}"
        for name, text in texts.items()
        if text
    ]


def _profile_script(plan: Plan) -> str:
    """Return a script that writes the profile files, or nothing where there are none.

    The registry's module writes config.toml alone; the text is opaque to the shell.
    """
    files = profile_files(plan.codex)
    if not files:
        return ""
    lines = ["set -eu", "umask 077", 'mkdir -p "$HOME/.codex"']
    for name, text in files.items():
        content = base64.b64encode(f"# Written by the template at each start.\n{text}".encode())
        lines.append(f"printf '%s' '{content.decode()}' | base64 -d > \"$HOME/.codex/{name}\"")
    if not plan.module.post_install_script:
        return "".join(f"{line}\n" for line in lines)
    # What it sets is not for the user's script behind it.
    return "".join(f"{line}\n" for line in ["(", *(f"  {line}" for line in lines), ")"])


def _gateway_url(plan: Plan) -> Expression | str:
    """A workspace knows its own deployment; every other gateway is in the spec."""
    if plan.gateway_kind.is_in_coder:
        return _ACCESS_URL
    if not plan.gateway_url:
        raise InputError(f"a template for {plan.gateway_kind.title} needs gateway.url in the spec")
    return plan.gateway_url
