"""What the configuration says about auth modes: the access file, and who pays at which provider."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from provisioner.gateway.provider_config import beside_the_file

__all__ = ["AccessConfig"]

PaidMode = Literal["metered", "shared"]


class AccessConfig(BaseModel):
    """An access file that the gateway keeps; catalog.toml is the one beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    file: Path
    mode: PaidMode = "metered"
    """The mode of requests for which the gateway's own key pays."""
    modes: dict[str, PaidMode] = {}
    """The same by provider, in place of `mode`."""
    pool: Literal["local", "docker", "kubernetes", "e2b", "daytona", "modal", "vercel"] | None = (
        None
    )
    """What makes the machines that sessions run on; for one kind of cloud pool it is known."""
    host: str = ""
    """The gateway's name among `gateways` of the file, where policies pin one."""
    project: str = ""
    """The project of requests whose key has none."""
    workload: str = ""
    """The kind of work that all requests are for."""

    @field_validator("file")
    @classmethod
    def _beside_the_file(cls, path: Path, info: ValidationInfo) -> Path:
        return beside_the_file(path, info) or path
