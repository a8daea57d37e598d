"""How the credential flows in a template: which provider, which variables, who sets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.codex_module import codex_module
from provisioner.syntax.hcl_model import Expression, Traversal
from provisioner.validate.codex_config import CodexConfig, Found
from provisioner.validate.credential import names_header
from provisioner.validate.given_variables import GivenVariable, all_given_variables
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.workspace import Workspace

__all__ = ["TemplateFlow", "is_session_token", "template_flows"]

_GATEWAY_PATH = re.compile(r"/api/v2/(?:aibridge|ai-gateway)/(?:[^?#/]+/)*v1/?\Z")
_OWNER = "coder_workspace_owner"


@dataclass(frozen=True)
class TemplateFlow:
    """One call of the Codex module whose config selects a provider at Coder's AI Gateway."""

    workspace: Workspace
    call: ModuleCall
    config: CodexConfig
    base_url: Found

    @cached_property
    def env_key(self) -> Found | None:
        """The name of the variable with the bearer."""
        return self.config.in_provider("env_key")

    @cached_property
    def token_header(self) -> Found | None:
        """The name of the variable with the gateway token, where a header of its own carries it."""
        headers = self.config.in_provider("env_http_headers")
        if headers is None or not isinstance(headers.value, dict):
            return None
        for name, variable in headers.value.items():
            if names_header(name, coder_gateway().token_header) and isinstance(variable, str):
                return Found(headers.document, (*headers.path, name), variable)
        return None

    @cached_property
    def has_fixed_token_header(self) -> bool:
        """Whether `http_headers` has the token itself."""
        headers = self.config.in_provider("http_headers")
        return (
            headers is not None
            and isinstance(headers.value, dict)
            and any(names_header(name, coder_gateway().token_header) for name in headers.value)
        )

    def given(self, variable: str) -> tuple[GivenVariable, ...]:
        """Return every place that sets `variable`."""
        return tuple(item for item in all_given_variables(self.workspace) if item.name == variable)

    def is_set_by_module(self, variable: str) -> bool:
        """Whether the Codex module sets `variable` itself."""
        if variable == "OPENAI_API_KEY" and self.call.block.value("openai_api_key"):
            return True
        release = self.call.codex_release
        written = codex_module().gateway_provider(release) if release else None
        return (
            self.call.enables_gateway is not False
            and written is not None
            and variable == written.token_env
        )


def template_flows(workspace: Workspace) -> Iterator[TemplateFlow]:
    """Yield the flows that can be judged: the whole config is there."""
    for call in workspace.codex_modules:
        config = call.codex_config
        base_url = config.in_provider("base_url") if config.is_known else None
        if base_url and isinstance(base_url.value, str) and _GATEWAY_PATH.search(base_url.value):
            yield TemplateFlow(workspace, call, config, base_url)


def is_session_token(value: Expression | None, workspace: Workspace) -> bool:
    """Say whether `value` is the workspace owner's session token, through locals too."""
    for _ in range(len(workspace.declared.locals) + 1):
        match value:
            case Traversal(root="local", steps=(str() as name,)):
                value = workspace.declared.locals.get(name)
            case Traversal(root="data", steps=(kind, _, *rest)):
                return kind == _OWNER and rest[-1:] == ["session_token"]
            case _:
                return False
    return False
