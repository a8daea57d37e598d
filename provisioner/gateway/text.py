"""What `provisioner gateway serve` prints once it accepts connections."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from provisioner.gateway.config import DATABASE_VARIABLE, GatewayConfig
from provisioner.gateway.dialects import base_paths
from provisioner.gateway.server import Ready

__all__ = ["ready_json", "ready_text"]


def ready_json(ready: Ready, config: GatewayConfig) -> str:
    """Return the one line that other programs wait for."""
    token = ready.token.reveal() if ready.token else None
    told = {"url": ready.url, "token": token, "state": str(ready.state)}
    return json.dumps({**told, "base_urls": _base_urls(ready, config)})


def ready_text(ready: Ready, config: GatewayConfig, config_file: Path | None) -> str:
    """Return what a person needs to go on: addresses, token, and commands to paste."""
    bases = _base_urls(ready, config)
    there = _database_option(ready, config, config_file)
    if ready.token:
        token, shown = ready.token.reveal(), "shown this once"
    else:
        token, shown = "TOKEN", f"make one: provisioner gateway token create{there}"
    lines = [
        f"gateway ready on {ready.url}",
        *(f"  base URL   {base}" for base in bases.values()),
        *_missing_provider(config),
        *_database_note(there),
        f"  token      {token}  ({shown})",
        f"  state      {ready.state}",
        *_trial(bases, config, token),
        "see what was recorded:",
        f"  provisioner gateway session list{there}",
    ]
    return "\n".join(lines)


def _base_urls(ready: Ready, config: GatewayConfig) -> dict[str, str]:
    return {name: ready.url + path for name, path in base_paths(config).items()}


def _trial(bases: Mapping[str, str], config: GatewayConfig, token: str) -> list[str]:
    """Return the command for the first provider that Codex can use with the token alone."""
    for entry in config.provider:
        if entry.name in bases and entry.type == "openai" and not entry.needs_a_login:
            return ["try it with Codex:", f"  {_codex_command(bases[entry.name], token)}"]
    return []


def _database_option(ready: Ready, config: GatewayConfig, config_file: Path | None) -> str:
    """Return the option with which a command finds the database that the gateway uses."""
    if os.environ.get(DATABASE_VARIABLE, "").strip():
        return ""
    if config_file is not None and config.database is not None:
        return f" --config {shlex.quote(str(config_file.absolute()))}"
    return f" --state {shlex.quote(str(ready.state))}"


def _database_note(option: str) -> list[str]:
    """Say what commands in another terminal need besides; it may hold a password."""
    return [] if option else [f"  note       commands work with {DATABASE_VARIABLE} set as here"]


def _missing_provider(config: GatewayConfig) -> list[str]:
    """Say what the ChatGPT flow will miss, before it ends in a 404."""
    if config.dialect != "coder" or any(entry.name == "chatgpt" for entry in config.provider):
        return []
    return ['  note       no provider "chatgpt" is configured: the ChatGPT flow gets 404']


def _codex_command(base_url: str, token: str) -> str:
    provider = f'{{name="AI gateway", base_url="{base_url}", env_key="GATEWAY_TOKEN"}}'
    settings = ("model_provider=ai_gateway", f"model_providers.ai_gateway={provider}")
    options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
    return (
        f"GATEWAY_TOKEN={token} codex exec --skip-git-repo-check "
        f"{options} -m gpt-5.5 hello </dev/null"
    )
