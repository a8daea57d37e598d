"""Plan → the files of a template folder: verbatim files copied, `.j2` files rendered."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2

from provisioner import __version__
from provisioner.assets import template_source
from provisioner.errors import InputError
from provisioner.knowledge.coder import coder_gateway
from provisioner.plan.model import EnvSource, EnvVar, Parameter, Plan
from provisioner.render.codex_config import config_toml_parts, profile_files
from provisioner.render.hcl_text import Expression, arguments, heredoc, quoted

__all__ = ["render"]

_ACCESS_URL = Expression("data.coder_workspace.me.access_url")
_SESSION_TOKEN = "data.coder_workspace_owner.me.session_token"  # noqa: S105 - an expression
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|])")
_RENDERED = ".j2"


def render(plan: Plan) -> dict[str, bytes]:
    """Return the files of the template folder by name, with `/` in the names of nested ones."""
    folder = template_source(plan.template.name)
    source = tomllib.loads((folder / "template.toml").read_text(encoding="utf-8"))
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == "template.toml":
            continue
        content = path.read_bytes()
        if name.endswith(_RENDERED):
            name = name.removesuffix(_RENDERED)
            content = _rendered(content.decode("utf-8"), plan, source).encode("utf-8")
        files[name] = content
    return files


def _rendered(text: str, plan: Plan, source: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - HCL and Markdown; every value goes through its quoting
    )
    return environment.from_string(text).render(
        plan=plan,
        own_key=next((item for item in plan.env if item.name == plan.personal_env), None),
        source=source,
        version=__version__,
        yaml=_yaml,
        markdown=_markdown,
        coder_needed=str(coder_gateway().oldest_with_gateway),
        secrets_needed=str(coder_gateway().user_secrets_since) if _asks_the_user(plan) else "",
        parameters=list(_parameters(plan)),
        module_arguments=_module_arguments(plan, source["agent_id"]),
        base_config=heredoc(
            config_toml_parts(
                plan.codex, _gateway_url(plan), with_provider=not plan.module.writes_provider
            ),
            indent=2,
            marker="TOML",
        ),
        profile_script=_profile_script(plan),
        coder_envs=list(_coder_envs(plan, source["agent_id"])),
    )


def _asks_the_user(plan: Plan) -> bool:
    return any(variable.source is EnvSource.USER for variable in plan.env)


def _gateway_url(plan: Plan) -> Expression | str:
    """A workspace knows its own deployment; every other gateway is in the spec.

    Raises `InputError` when it is not.
    """
    if plan.gateway_kind.is_in_coder:
        return _ACCESS_URL
    if not plan.gateway_url:
        raise InputError(f"a template for {plan.gateway_kind.title} needs gateway.url in the spec")
    return plan.gateway_url


def _profile_script(plan: Plan) -> str:
    """Return a heredoc that writes the profile files, or nothing where there are none.

    The registry's module writes config.toml alone; the text is opaque to the shell.
    """
    files = profile_files(plan.codex)
    if not files:
        return ""
    lines = ["set -eu", "umask 077", 'mkdir -p "$HOME/.codex"']
    for name, text in files.items():
        content = base64.b64encode(f"# Written by the template at each start.\n{text}".encode())
        lines.append(f"printf '%s' '{content.decode()}' | base64 -d > \"$HOME/.codex/{name}\"")
    return heredoc(["".join(f"{line}\n" for line in lines)], indent=2, marker="SH")


def _yaml(text: str) -> str:
    """JSON strings are YAML strings; keep other scripts readable."""
    return json.dumps(text, ensure_ascii=False)


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _module_arguments(plan: Plan, agent_id: str) -> str:
    rows = [
        ("source", quoted(plan.module.source)),
        ("version", quoted(plan.module.version)),
        ("agent_id", agent_id),
        ("workdir", quoted(plan.codex.trusted_workdir)),
        ("codex_version", quoted(plan.module.codex_version)),
    ]
    if plan.module.writes_provider:
        rows.append(("enable_ai_gateway", "true"))
    return arguments(rows, indent=2)


def _parameters(plan: Plan) -> Iterator[dict[str, Any]]:
    parameters = [setting.parameter for setting in plan.codex.settings if setting.parameter]
    for order, parameter in enumerate(parameters, start=20):
        yield {
            "name": parameter.name,
            "arguments": _parameter_arguments(parameter, order),
            "options": [quoted(option) for option in parameter.options],
        }


def _parameter_arguments(parameter: Parameter, order: int) -> str:
    return arguments(
        [
            ("name", quoted(parameter.name)),
            ("display_name", quoted(parameter.display_name)),
            ("description", quoted(parameter.description)),
            ("type", quoted("string")),
            ("form_type", quoted("dropdown")),
            ("default", quoted(parameter.default)),
            ("mutable", "true"),
            ("order", str(order)),
        ],
        indent=2,
    )


def _coder_envs(plan: Plan, agent_id: str) -> Iterator[dict[str, str]]:
    for variable in plan.env:
        if variable.source is EnvSource.GATEWAY_TOKEN:
            yield {
                "comment": _env_comment(variable, plan),
                "label": variable.name.lower(),
                "arguments": arguments(
                    [
                        ("agent_id", agent_id),
                        ("name", quoted(variable.name)),
                        ("value", _SESSION_TOKEN),
                    ],
                    indent=2,
                ),
            }


def _env_comment(variable: EnvVar, plan: Plan) -> str:
    return f"Codex sends {variable.name} in the header {plan.gateway_kind.token_header}."
