"""The profile file: what sessions ask for, by name and scope."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from provisioner.access.tables import ModeName
from provisioner.spec.table import Table
from provisioner.spec.values import Line, Name, Tokens

__all__ = ["ProfileTable", "ProfileTables", "ScopeName", "TierName"]

ScopeName = Literal["node", "project", "organization", "system-worktype", "system-default"]
TierName = Literal["auto", "fast", "flex"]


class ProfileTable(Table):
    """One profile; what it leaves out comes from the one that it is based on."""

    name: Name = Field(description="what it is called")
    scope: ScopeName = Field(
        default="system-default", description="for whom it is; the narrowest that fits is taken"
    )
    node_id: Line | None = Field(default=None, description="the node, for the scope `node`")
    project_id: Line | None = Field(
        default=None, description="the project, for the scope `project`"
    )
    worktype: Line | None = Field(
        default=None, description="the kind of work, for the scope `system-worktype`"
    )
    based_on: Name | None = Field(
        default=None,
        description="name of another profile; its own name means that of the next wider scope",
    )
    provider: Name | None = Field(default=None, description="provider of the model: `codex`")
    model_id: Line | None = Field(default=None, description="the model, by its id in the catalog")
    auth_modes: tuple[ModeName, ...] | None = Field(
        default=None, strict=False, description="the auth modes it takes; without it, any"
    )
    effort: Line | None = Field(default=None, description="reasoning effort of the model")
    service_tier: TierName | None = Field(default=None, description="service tier")
    context_window: Tokens | None = Field(
        default=None, description="context window, in place of the model's own"
    )

    @property
    def key(self) -> str:
        """What it is for, where its scope needs to say that."""
        keys = {"node": self.node_id, "project": self.project_id, "system-worktype": self.worktype}
        return keys.get(self.scope) or ""


class ProfileTables(Table):
    """One profile file."""

    profile: tuple[ProfileTable, ...] = Field(default=(), strict=False, description="the profiles")
