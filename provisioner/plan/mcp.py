"""Spec → the MCP servers of config.toml."""

from __future__ import annotations

from provisioner.plan.ledger import Ledger
from provisioner.plan.model import McpServer
from provisioner.spec.mcp_table import McpSpec
from provisioner.spec.models import Spec

__all__ = ["mcp_servers"]


def mcp_servers(spec: Spec, ledger: Ledger) -> tuple[McpServer, ...]:
    """Return the servers in the order of their names; a key that was left out is not written."""
    found = []
    for name in sorted(spec.mcp):
        given = spec.mcp[name]
        ledger.note(f"mcp.{name}", given.command or given.url or "", "spec", "an MCP server")
        keys = {key: value for key in McpSpec.model_fields if (value := getattr(given, key))}
        found.append(McpServer(name, keys))
    return tuple(found)
