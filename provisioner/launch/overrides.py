"""Config → `-c KEY=VALUE` arguments: the settings of a plan without a file being written.

Measured on 0.122, 0.134 and 0.169: such an argument beats config.toml, a profile file and a
project's own `.codex/config.toml`, and a table in it is merged key by key with what is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from provisioner.launch.home_file import home_toml

__all__ = ["overrides", "own_config", "pinned_provider"]

_Table = dict[str, Any]
# Shown by Codex when a variable is missing, which a launch has ruled out.
_NOT_NEEDED = "env_key_instructions"
_NO_PROFILE = "provisioner-launch"


def overrides(
    files: Mapping[str, str], profile: str, own: Mapping[str, Any], *, profile_files: bool
) -> tuple[str, ...]:
    """Return the arguments that lay the plan's `files` over the config `own`.

    `profile` names one of the plan's profiles, whose settings are laid over too, or is empty.
    """
    config = tomllib.loads(files["config.toml"])
    profiles = config.pop("profiles", {})
    if profile:
        text = files.get(f"{profile}.config.toml")
        config |= profiles.get(profile, {}) if text is None else tomllib.loads(text)
    config["model_providers"] = _providers(config, own)
    if "profile" in own and not profile_files:
        # Measured on 0.122: the profile that the user's config selects beats these arguments.
        config |= {"profile": _NO_PROFILE, "profiles": {_NO_PROFILE: {}}}
    return _arguments(config)


def pinned_provider(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments that keep a project's own config from changing the provider.

    Measured on 0.122 and 0.125: `.codex/config.toml` of a trusted folder can send every request
    elsewhere; 0.134 and 0.169 do not let it.
    """
    config = tomllib.loads(files["config.toml"])
    selected = config["model_provider"]
    table = config["model_providers"][selected]
    kept = {key: value for key, value in table.items() if key != _NOT_NEEDED}
    return _arguments({"model_provider": selected, "model_providers": {selected: kept}})


def own_config(codex_home: Path) -> Mapping[str, Any]:
    """Return the user's config.toml; one that is no TOML is for Codex to complain about.

    Raises `InputError` for what `home_toml` does not read.
    """
    try:
        return home_toml(codex_home / "config.toml")
    except ValueError:
        return {}


def _providers(config: _Table, own: Mapping[str, Any]) -> _Table:
    """Return the plan's provider tables, under an id that brings no key of the user's along.

    Measured on 0.122 and 0.169: what is no table there is replaced, and lends no key.
    """
    providers: _Table = {}
    own_providers = _table_in(own, "model_providers")
    for name, table in config["model_providers"].items():
        there = _table_in(own_providers, name)
        chosen = name if set(there) <= set(table) else f"{name}-launch"
        providers[chosen] = {key: value for key, value in table.items() if key != _NOT_NEEDED}
        if config["model_provider"] == name:
            config["model_provider"] = chosen
    return providers


def _table_in(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _arguments(config: _Table) -> tuple[str, ...]:
    arguments: list[str] = []
    for key, value in config.items():
        arguments += ["-c", f"{key}={_inline(value)}"]
    return tuple(arguments)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return tomlkit.item(value).as_string()
