"""The commented spec that `provisioner init` writes."""

from __future__ import annotations

import json

__all__ = ["starter_spec"]

_TEXT = """\
# What `provisioner render` makes a Coder workspace template from.
# All keys: docs/spec.md, or `provisioner schema spec`.

# How a credential reaches the model:
#   centralized   the gateway holds the provider key
#   byok          each user brings an OpenAI key
#   chatgpt       each user logs in with a ChatGPT subscription
flow = {flow}
# credential = "api_key_login"        # other ways to bring it: docs/flows.md

[gateway]
kind = {kind}
{url}

[template]
name = {template}
# folder = "my-template"              # a template of your own: docs/templates.md

# [module]
# source = "bundled"                  # our own module, where no registry can be reached
# install = "npm"                     # or "release", "image": docs/templates.md

[codex]
# model = "gpt-5.5"                   # without it, Codex uses its own default
# model_reasoning_effort = "medium"
# workdir = "/home/coder/project"     # folder that is created, trusted and opened

# [parameters]                        # let the user of a workspace choose
# model_reasoning_effort = ["low", "medium", "high"]

# [mcp.issues]                        # MCP servers; secrets are named, never written
# url = "https://mcp.example.com/mcp"
# bearer_token_env_var = "ISSUES_TOKEN"

[target]
# codex = "0.169.0"                   # without it, the newest version that was proven
# codex_module = "~> 5.0"             # release of the registry's module, without a bundled one
"""

_OWN_URL = 'url = "https://gateway.example.com/v1"  # yours'
_URLS = {
    "coder": '# url = "https://coder.example.com"   # for Codex outside a workspace',
    "langwatch": '# url = "https://gateway.example.com" # one that you host yourself',
}


def starter_spec(*, flow: str, template: str, gateway_kind: str) -> str:
    """Return a spec with the given choices, and comments that name the others."""
    # A JSON string of printable text is a TOML string.
    return _TEXT.format(
        flow=json.dumps(flow),
        kind=json.dumps(gateway_kind),
        template=json.dumps(template),
        url=_URLS.get(gateway_kind, _OWN_URL),
    )
