"""Workspaces and their builds of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from provisioner.coder_api.models import Job, LogLine, NamedValue, Workspace, WorkspaceBuild
from provisioner.coder_api.problem import ApiError
from provisioner.coder_api.transport import Call, Transport, path_of

__all__ = ["NewWorkspace", "WorkspaceCalls"]


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    """What a workspace is made of."""

    name: str
    template_id: str
    parameters: Mapping[str, str]
    preset_id: str
    """Empty for none."""


class WorkspaceCalls:
    """Calls about workspaces; each raises `CoderError`."""

    def __init__(self, transport: Transport) -> None:
        """Ask through `transport`."""
        self._to = transport

    def find(self, owner: str, name: str) -> Workspace | None:
        """Return the workspace of this name, or None; `me` is an owner too."""
        try:
            call = Call("GET", path_of("users", owner, "workspace", name))
            return self._to.ask(Workspace, call)
        except ApiError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def get(self, workspace_id: str) -> Workspace:
        """Return a workspace as it is now."""
        return self._to.ask(Workspace, Call("GET", f"/workspaces/{workspace_id}"))

    def create(self, owner: str, new: NewWorkspace) -> Workspace:
        """Start to make a workspace of the active version; may raise `UnknownOutcomeError`."""
        body: dict[str, Any] = {"name": new.name, "template_id": new.template_id}
        if new.parameters:
            body["rich_parameter_values"] = _values(new.parameters)
        if new.preset_id:
            body["template_version_preset_id"] = new.preset_id
        call = Call("POST", path_of("users", owner, "workspaces"), body=body, can_repeat=False)
        return self._to.ask(Workspace, call)

    def new_build(
        self,
        workspace_id: str,
        transition: str,
        *,
        parameters: Mapping[str, str],
        version_id: str = "",
    ) -> WorkspaceBuild:
        """Start to build a workspace; may raise `UnknownOutcomeError`."""
        body: dict[str, Any] = {"transition": transition}
        if parameters:
            body["rich_parameter_values"] = _values(parameters)
        if version_id:
            body["template_version_id"] = version_id
        call = Call("POST", f"/workspaces/{workspace_id}/builds", body=body, can_repeat=False)
        return self._to.ask(WorkspaceBuild, call)

    def build(self, build_id: str) -> WorkspaceBuild:
        """Return a build as it is now."""
        return self._to.ask(WorkspaceBuild, Call("GET", f"/workspacebuilds/{build_id}"))

    def build_job(self, build_id: str) -> Job:
        """Return the state of the job of a build."""
        return self.build(build_id).job

    def build_logs(self, build_id: str, after: int) -> tuple[LogLine, ...]:
        """Return the lines of its log after the one with the id `after`."""
        query = {"after": str(after)} if after else {}
        call = Call("GET", f"/workspacebuilds/{build_id}/logs", query=query)
        return self._to.ask(tuple[LogLine, ...], call)

    def build_parameters(self, build_id: str) -> dict[str, str]:
        """Return the values that the parameters of a build have."""
        call = Call("GET", f"/workspacebuilds/{build_id}/parameters")
        found = self._to.ask(tuple[NamedValue, ...], call)
        return {item.name: item.value for item in found}

    def cancel_build(self, build_id: str) -> None:
        """Ask for the end of the job of a build."""
        self._to.send(Call("PATCH", f"/workspacebuilds/{build_id}/cancel"))


def _values(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in named.items()]
