"""The folder that a template is rendered from, and what its `template.toml` says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.assets import template_source
from provisioner.errors import InputError
from provisioner.plan.model import TemplatePlan

__all__ = ["SETTINGS", "TemplateSource", "chosen_agents", "read_source"]

SETTINGS = "template.toml"
_AGENT = re.compile(r"[A-Za-z](?:[_-]?[A-Za-z0-9])*\Z")
_LISTS = ("agents", "supported_os", "tags")
_TEXTS = ("icon",)


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """A template before it is rendered: plain files are copied, `.j2` files are rendered."""

    folder: Path
    agents: tuple[str, ...] = ("main",)
    """Names of the `coder_agent` resources that get Codex."""
    icon: str = "coder.svg"
    """File among the icons of the Coder registry."""
    supported_os: tuple[str, ...] = ("linux",)
    tags: tuple[str, ...] = ()


def read_source(plan: TemplatePlan) -> TemplateSource:
    """Return the source of a template; raises `InputError` when it cannot be used."""
    folder = Path(plan.folder) if plan.folder else template_source(plan.name)
    settings = _settings(folder / SETTINGS) if (folder / SETTINGS).exists() else {}
    return TemplateSource(folder, **settings)


def chosen_agents(plan: TemplatePlan, source: TemplateSource) -> tuple[str, ...]:
    """Return the agents that get Codex; raises `InputError` for one that the source lacks."""
    for name in plan.agents:
        if name not in source.agents:
            has = f"it has {', '.join(source.agents)}"
            raise InputError(f'template "{plan.name}" has no agent "{name}"; {has}')
    return plan.agents or source.agents


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    for key, value in found.items():
        if key not in (*_TEXTS, *_LISTS):
            known = ", ".join((*_LISTS, *_TEXTS))
            raise InputError(f'{path}: unknown key "{key}"; there are: {known}')
        items = value if isinstance(value, list) else [value]
        if isinstance(value, list) != (key in _LISTS) or not all(
            isinstance(item, str) for item in items
        ):
            what = "a list of texts" if key in _LISTS else "a text"
            raise InputError(f'{path}: "{key}" must be {what}')
    agents = found.get("agents", ["main"])
    if not agents or len(set(agents)) < len(agents) or not all(map(_AGENT.match, agents)):
        raise InputError(f'{path}: "agents" must be names of coder_agent resources, each once')
    return {key: tuple(value) if key in _LISTS else value for key, value in found.items()}
