"""The Codex home that is examined → the config Codex finds there, and whether it is the spec's."""

from __future__ import annotations

import dataclasses
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.launch.config_facts import ConfigFacts, config_facts
from provisioner.launch.overrides import overrides

__all__ = ["HomeConfig", "own_config_in", "written_config"]

_CONFIG = "config.toml"
_PROFILE_SUFFIX = ".config.toml"
_LOGIN = "auth.json"
# What decides where a request goes and with which credential: a home that says something else
# does not follow the flow.
_DECISIVE = ("base_url", "env_key", "requires_openai_auth", "env_http_headers")
_TYPES = {"a boolean": bool, "a map": dict, "a string": str}


@dataclass(frozen=True, slots=True)
class HomeConfig:
    """What Codex reads in one home."""

    facts: ConfigFacts
    files: Mapping[str, str]
    """Text by name: config.toml and the profile files."""
    runs: tuple[tuple[str, tuple[str, ...]], ...]
    """For no profile and for each one: its name, and the arguments that Codex is run with."""
    path: Path | None = None
    """The user's own config.toml; None when the config is the spec's alone."""
    named: tuple[str, ...] = ()
    """Other files of the home that the config names, relative to it."""
    problem: str = ""
    """Why Codex in this home does not do what the spec says; empty when it does."""
    note: str = ""
    """What a Codex that is started by itself would do otherwise, where nothing says it shall."""
    fix: str = ""


def written_config(files: Mapping[str, str]) -> HomeConfig:
    """Return the config of a home that holds the plan's `files` alone."""
    facts = config_facts(files)
    runs = (("", ()), *((profile, ("-p", profile)) for profile in facts.profiles))
    return HomeConfig(facts, files, runs)


def own_config_in(
    folder: Path,
    wanted: Mapping[str, str],
    release: CodexRelease,
    launched_by: str,
    *,
    is_chosen: bool = True,
) -> HomeConfig:
    """Return the config in a user's own home; `wanted` is the plan's, by file name.

    A home that selects a provider is taken as it stands, as it is for a Codex that is started by
    itself. In any other the plan's settings are laid over, as `launched_by` does it; and in one
    that serves another provider, when nobody chose it to be examined (`is_chosen`).
    """
    path, facts = folder / _CONFIG, config_facts(wanted)
    profile_files = release.has("profile_files")
    files: dict[str, str] = {}
    tables: dict[str, dict[str, Any]] = {}
    for file in (path, *(sorted(folder.glob(f"*{_PROFILE_SUFFIX}")) if profile_files else ())):
        try:
            files[file.name] = file.read_text(encoding="utf-8") if file.exists() else ""
            tables[file.name] = tomllib.loads(files[file.name])
        except (OSError, ValueError) as error:
            problem = f"{file} cannot be read: {getattr(error, 'strerror', None) or error}"
            fix = f"correct it, or move it away and write it anew: {_apply(folder)}"
            return HomeConfig(facts, {}, (), path, problem=problem, fix=fix)
    config = tables[_CONFIG]
    named = tuple(dict.fromkeys(n for table in tables.values() for n in _named(folder, table)))
    fix = f"{_apply(folder)}, or start Codex with `{launched_by}`, which lays the spec over it"
    if odd := _odd(config):
        return HomeConfig(facts, {}, (), path, problem=f"{path}: {odd}", fix=fix)
    own = _own_profiles(tables, profile_files=profile_files)
    over = {
        profile: overrides(wanted, profile, config, profile_files=profile_files)
        for profile in ("", *facts.profiles)
    }
    also = tuple((name, (*over[""], "-p", name)) for name in own if name not in over)
    launched = HomeConfig(facts, files, (*over.items(), *also), path, named)
    if "model_provider" not in config:
        return launched
    found = config_facts(files)
    if not (other := _other(found, facts)):
        runs = (("", ()), *((name, ("-p", name)) for name in own))
        return HomeConfig(found, files, runs, path, named)
    if is_chosen or found.provider_id == facts.provider_id:
        return dataclasses.replace(launched, problem=f"{path}: {other}", fix=fix)
    return dataclasses.replace(launched, note=f"{path} itself is not the spec's: {other}", fix=fix)


def _apply(folder: Path) -> str:
    return (
        f"`provisioner codex apply --codex-home {shlex.quote(str(folder))} --force`, with your spec"
    )


def _own_profiles(tables: Mapping[str, dict[str, Any]], *, profile_files: bool) -> tuple[str, ...]:
    if profile_files:
        return tuple(name.removesuffix(_PROFILE_SUFFIX) for name in tables if name != _CONFIG)
    profiles = tables[_CONFIG].get("profiles")
    return tuple(profiles) if isinstance(profiles, dict) else ()


def _odd(config: Mapping[str, Any]) -> str:
    """Return which setting, of those that are looked at, has a type that Codex does not read."""
    for name in ("model", "model_provider"):
        if not isinstance(config.get(name, ""), str):
            return f"{name} is no string"
    for name in ("model_providers", "profiles"):
        tables = config.get(name, {})
        if not (isinstance(tables, dict) and all(isinstance(t, dict) for t in tables.values())):
            return f"{name} is no table of tables"
    keys = codex_config_keys().provider
    for name, table in config.get("model_providers", {}).items():
        for key, value in table.items():
            if key in keys and not isinstance(value, _TYPES.get(keys[key].type, object)):
                return f"{key} in model_providers.{name} is not {keys[key].type}"
    return ""


def _other(found: ConfigFacts, wanted: ConfigFacts) -> str:
    """Return what of the selected provider is not the spec's; empty when all of it is."""
    if not found.base_url:
        return f'it selects the provider "{found.provider_id}", without a base_url of the spec\'s'
    differing = [name for name in _DECISIVE if getattr(found, name) != getattr(wanted, name)]
    if "base_url" in differing:
        there = found.base_url.rpartition("@")[2].partition("?")[0]
        return f"requests go to {there}, and the spec's gateway is {wanted.base_url}"
    if differing:
        where = f"model_providers.{found.provider_id}"
        return f"{', '.join(differing)} in {where} is not what the spec says"
    return ""


def _named(folder: Path, value: object) -> Iterator[str]:
    """Yield the files of `folder` that a setting names, such as model_instructions_file."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _named(folder, item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(folder, item)
    elif isinstance(value, str) and value.isprintable() and 0 < len(value) < 256:
        path = Path(value)
        if path.is_absolute() or ".." in path.parts or path.name in {_LOGIN, _CONFIG}:
            return
        if (folder / path).is_file():
            yield value
