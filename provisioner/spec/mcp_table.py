"""The MCP servers of a spec."""

from __future__ import annotations

from pydantic import Field

from provisioner.spec.table import Table
from provisioner.spec.values import EnvName, Line, Seconds, Url, Workdir

__all__ = ["McpSpec"]


class McpSpec(Table):
    """An MCP server: a program that Codex starts (`command`), or one at a `url`."""

    command: Line | None = Field(default=None, description="program to start")
    args: tuple[str, ...] = Field(default=(), strict=False, description="its arguments")
    env: dict[EnvName, str] = Field(
        default={}, description="variables it gets, with values that are no secrets"
    )
    env_vars: tuple[EnvName, ...] = Field(
        default=(),
        strict=False,
        description="variables that it gets from the environment of Codex, such as a token",
    )
    cwd: Workdir | None = Field(default=None, description="folder it is started in")
    url: Url | None = Field(default=None, description="address of a streamable HTTP server")
    bearer_token_env_var: EnvName | None = Field(
        default=None, description="variable with the bearer token for `url`"
    )
    http_headers: dict[Line, Line] = Field(
        default={}, description="headers for `url`, with values that are no secrets"
    )
    env_http_headers: dict[Line, EnvName] = Field(
        default={}, description="headers for `url`, with the variable that holds each value"
    )
    enabled_tools: tuple[Line, ...] = Field(
        default=(), strict=False, description="the only tools that are offered"
    )
    disabled_tools: tuple[Line, ...] = Field(
        default=(), strict=False, description="tools that are not offered"
    )
    required: bool = Field(
        default=False, description="whether Codex refuses to start without the server"
    )
    startup_timeout_sec: Seconds | None = Field(
        default=None, description="how long it may take to start"
    )
    tool_timeout_sec: Seconds | None = Field(default=None, description="how long a tool may take")
