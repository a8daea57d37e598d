"""Files that Terraform lays over others, so that their blocks are parts of the others' blocks."""

from __future__ import annotations

__all__ = ["is_override"]


def is_override(path: str) -> bool:
    """Say whether `path` is such a file."""
    name = path.rpartition("/")[2]
    return name == "override.tf" or name.endswith("_override.tf")
