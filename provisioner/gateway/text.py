"""What `provisioner gateway serve` prints once it accepts connections."""

from __future__ import annotations

import json
import shlex

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects import base_paths
from provisioner.gateway.server import Ready

__all__ = ["ready_json", "ready_text"]


def ready_json(ready: Ready) -> str:
    """Return the one line that other programs wait for."""
    token = ready.token.reveal() if ready.token else None
    return json.dumps({"url": ready.url, "token": token, "state": str(ready.state)})


def ready_text(ready: Ready, config: GatewayConfig) -> str:
    """Return what a person needs to go on: addresses, token, and commands to paste."""
    bases = [ready.url + path for path in base_paths(config)]
    state = shlex.quote(str(ready.state))
    if ready.token:
        token, shown = ready.token.reveal(), "shown this once"
    else:
        token, shown = "TOKEN", f"make one: provisioner gateway token create --state {state}"
    lines = [
        f"gateway ready on {ready.url}",
        *(f"  base URL   {base}" for base in bases),
        *_missing_provider(config),
        f"  token      {token}  ({shown})",
        f"  state      {ready.state}",
        "try it with Codex:",
        f"  {_codex_command(bases[0], token)}",
        "see what was recorded:",
        f"  provisioner gateway session list --state {state}",
    ]
    return "\n".join(lines)


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
