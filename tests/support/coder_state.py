"""What a Coder deployment of a test remembers: files, templates, versions, workspaces, builds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.support.coder_jobs import Job, Plan, new_id, next_time
from tests.support.coder_template import UploadedTemplate

__all__ = ["Build", "CoderState", "Template", "Version", "Workspace"]

_STATUS = {
    "start": ("starting", "running"),
    "stop": ("stopping", "stopped"),
}
_LIFE = (("connecting", "created"), ("connected", "starting"), ("connected", "ready"))


@dataclass
class Version:
    name: str
    message: str
    job: Job
    template_id: str | None
    variables: dict[str, str]
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=next_time)
    by: str = "ada"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "template_id": self.template_id,
            "name": self.name,
            "message": self.message,
            "job": self.job.as_json(),
            "created_at": self.created_at,
            "created_by": {"id": new_id(), "username": self.by},
            "warnings": None,
        }


@dataclass
class Template:
    name: str
    active: str
    organization: str
    words: dict[str, Any]
    id: str = field(default_factory=new_id)

    def as_json(self) -> dict[str, Any]:
        return {
            "display_name": "",
            "description": "",
            "icon": "",
            "default_ttl_ms": 28_800_000,
            "activity_bump_ms": 3_600_000,
            "allow_user_autostart": True,
            "allow_user_autostop": True,
            "allow_user_cancel_workspace_jobs": True,
            "autostop_requirement": {"days_of_week": ["monday"], "weeks": 1},
            "require_active_version": False,
            "max_port_share_level": "owner",
            **self.words,
            "id": self.id,
            "name": self.name,
            "organization_id": self.organization,
            "active_version_id": self.active,
        }


@dataclass
class Build:
    number: int
    transition: str
    version: Version
    job: Job
    parameters: dict[str, str]
    looks: int = 0
    id: str = field(default_factory=new_id)
    agent: str = field(default_factory=new_id)

    @property
    def status(self) -> str:
        if self.job.is_active:
            return {"pending": "pending", "canceling": "canceling"}.get(
                self.job.status, _STATUS[self.transition][0]
            )
        ended = {"failed": "failed", "canceled": "canceled"}
        return ended.get(self.job.status, _STATUS[self.transition][1])


@dataclass
class Workspace:
    name: str
    template: Template
    builds: list[Build]
    id: str = field(default_factory=new_id)

    @property
    def latest(self) -> Build:
        return self.builds[-1]


class CoderState:
    """All of it; tests read and change it."""

    def __init__(self) -> None:
        self.organization = new_id()
        self.has_other_default = False
        """Whether the organization `main` is not the default one."""
        self.session_token = "s3ss10n-t0ken-0f-ada-9876543210"
        self.files: dict[str, bytes] = {}
        self.versions: dict[str, Version] = {}
        self.templates: dict[str, Template] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.plans: list[Plan] = []
        """How the next jobs go; those after them go well."""
        self.life: tuple[tuple[str, str], ...] = _LIFE
        """Status and lifecycle of an agent, one look after another."""
        self.module_environment: dict[str, str] = {}
        """What modules that are not in the archive give to the agent."""
        self.uploads = 0
        self.version = "v2.37.1+a1b2c3d"
        self.entitlement = {"entitlement": "entitled", "enabled": True}
        self.ai_providers: list[str] | None = ["openai", "chatgpt"]
        """Names, None where the user may not see them."""
        self.gateway_paths = ("aibridge", "ai-gateway")
        self.gateway_providers = {"openai", "chatgpt"}
        self.allows_byok = True
        self.gateway_refusal: tuple[int, str] | None = None
        """What the gateway answers to every user, before it looks for the provider."""

    def next_job(self, file_id: str) -> Job:
        return Job(file_id, self.plans.pop(0) if self.plans else Plan())

    def add_file(self, data: bytes) -> tuple[str, bool]:
        """Return the id of the file, and whether it is new: the same bytes have the same id."""
        digest = hashlib.sha256(data).hexdigest()
        id_ = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
        is_new = id_ not in self.files
        self.files[id_] = data
        return id_, is_new

    def named(self, name: str) -> Template | None:
        return next((item for item in self.templates.values() if item.name == name), None)

    def workspace_named(self, name: str) -> Workspace | None:
        return next((item for item in self.workspaces.values() if item.name == name), None)

    def versions_of(self, template_id: str) -> list[Version]:
        found = [item for item in self.versions.values() if item.template_id == template_id]
        return sorted(found, key=lambda item: item.created_at)

    def uploaded(self, version: Version) -> UploadedTemplate:
        return UploadedTemplate(self.files[version.job.file_id])

    def workspace_json(self, workspace: Workspace) -> dict[str, Any]:
        build = workspace.latest
        return {
            "id": workspace.id,
            "name": workspace.name,
            "owner_name": "ada",
            "template_id": workspace.template.id,
            "template_name": workspace.template.name,
            "template_active_version_id": workspace.template.active,
            "outdated": workspace.template.active != build.version.id,
            "latest_build": self.build_json(workspace, build),
        }

    def build_json(self, workspace: Workspace, build: Build) -> dict[str, Any]:
        return {
            "id": build.id,
            "build_number": build.number,
            "transition": build.transition,
            "status": build.status,
            "job": build.job.as_json(),
            "template_version_id": build.version.id,
            "template_version_name": build.version.name,
            "workspace_id": workspace.id,
            "workspace_name": workspace.name,
            "resources": self._resources(build) if build.status == "running" else None,
        }

    def _resources(self, build: Build) -> list[dict[str, Any]]:
        status, lifecycle = self.life[min(build.looks, len(self.life) - 1)]
        template = self.uploaded(build.version)
        agent = {
            "id": build.agent,
            "name": "main",
            "status": status,
            "lifecycle_state": lifecycle,
            "environment_variables": {
                **template.environment(f"{self.session_token}-of-workspace"),
                **self.module_environment,
            },
            "apps": template.apps(),
            "scripts": None,
        }
        return [
            {"id": new_id(), "type": "docker_volume", "name": "home", "agents": None},
            {"id": new_id(), "type": "docker_container", "name": "workspace", "agents": [agent]},
        ]
