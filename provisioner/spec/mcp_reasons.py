"""Reasons why the MCP servers of a spec cannot work, or would show a credential."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.knowledge.hosts import sends_in_clear
from provisioner.redact import is_secret_name, secret_looking
from provisioner.spec.mcp_table import McpSpec
from provisioner.spec.models import Spec

__all__ = ["mcp_reasons"]

_Reasons = Iterator[tuple[tuple[str, ...], str, str]]

_OF_COMMAND = ("args", "env", "env_vars", "cwd")
_OF_URL = ("bearer_token_env_var", "http_headers", "env_http_headers")


def mcp_reasons(spec: Spec) -> _Reasons:
    """Yield what is wrong with each server."""
    for name, server in spec.mcp.items():
        where = ("mcp", name)
        if bool(server.command) == bool(server.url):
            message = f'the MCP server "{name}" needs either "command" or "url"'
            yield where, message, "give one of the two"
            continue
        has, of_other = ("url", _OF_COMMAND) if server.url else ("command", _OF_URL)
        for key in of_other:
            if getattr(server, key):
                message = f'"{key}" has no meaning for an MCP server with "{has}"'
                yield (*where, key), message, "remove it: Codex refuses the two together"
        sends_secret = server.bearer_token_env_var or server.env_http_headers
        if sends_secret and server.url and sends_in_clear(server.url):
            message = f'"{server.url}" would get a credential without TLS'
            yield (*where, "url"), message, "use https; plain http is for loopback addresses"
        yield from _secrets(where, server)


def _secrets(where: tuple[str, str], server: McpSpec) -> _Reasons:
    for key, instead in (("env", "env_vars"), ("http_headers", "env_http_headers")):
        for name, value in getattr(server, key).items():
            if (is_secret_name(name) and value) or any(secret_looking(value)):
                message = f'"{name}" holds a credential, which all who see the template get'
                yield (*where, key, name), message, f"use {instead}, which names a variable"
    named = any(is_secret_name(a.lstrip("-")) and a.startswith("-") for a in server.args[:-1])
    if named or any(any(secret_looking(argument)) for argument in server.args):
        message = 'one of "args" looks like a credential, which all who see the template get'
        yield (*where, "args"), message, "let the program read it from a variable of env_vars"
