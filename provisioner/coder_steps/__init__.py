"""What `provisioner coder` does: templates pushed, workspaces run, deployments checked."""

from __future__ import annotations

__all__: list[str] = []
