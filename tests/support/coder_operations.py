"""What each operation of Coder's API does to the state; the method of an id carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.coder_jobs import new_id
from tests.support.coder_state import Build, CoderState, Template, Version, Workspace

__all__ = ["Answer", "Asked", "Operations"]


@dataclass(frozen=True)
class Answer:
    """`body` is JSON, or the bytes of a file."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request, its body parsed where it is JSON."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


_MISSING = Answer(404, {"message": "Resource not found or you do not have access to this resource"})
_DONE = Answer(200, {"message": "Done"})


def _wrong(status: int, message: str, field_: str = "", detail: str = "") -> Answer:
    validations = [{"field": field_, "detail": detail}] if field_ else []
    return Answer(status, {"message": message, "validations": validations})


class Operations:
    """Methods are named as the operations of the description."""

    def __init__(self, state: CoderState) -> None:
        self.state = state

    def build_info(self, _: Asked) -> Answer:
        return Answer(200, {"version": self.state.version, "dashboard_url": ""})

    def user(self, _: Asked) -> Answer:
        return Answer(200, {"id": new_id(), "username": "ada"})

    def entitlements(self, _: Asked) -> Answer:
        return Answer(200, {"features": {"aibridge": self.state.entitlement}, "warnings": []})

    def ai_providers(self, _: Asked) -> Answer:
        if self.state.ai_providers is None:
            return _MISSING
        names = self.state.ai_providers
        return Answer(200, [{"name": name, "type": "openai", "enabled": True} for name in names])

    def organization(self, asked: Asked) -> Answer:
        if asked.path["organization"] not in {"default", "main", self.state.organization}:
            return _MISSING
        is_default = not self.state.has_other_default
        told = {"id": self.state.organization, "name": "main", "is_default": is_default}
        return Answer(200, told)

    def template_by_name(self, asked: Asked) -> Answer:
        return self._template(self.state.named(asked.path["templatename"]))

    def template(self, asked: Asked) -> Answer:
        return self._template(self.state.templates.get(asked.path["template"]))

    def _template(self, found: Template | None) -> Answer:
        return Answer(200, found.as_json()) if found else _MISSING

    def create_template(self, asked: Asked) -> Answer:
        name = asked.body["name"]
        version = self.state.versions.get(asked.body["template_version_id"])
        if self.state.named(name):
            return _wrong(409, f'Template with name "{name}" already exists.', "name", "taken")
        if version is None or version.template_id:
            return _wrong(404, "Template version does not exist.", "template_version_id", "none")
        if len(asked.body.get("description", "").encode()) >= 128:
            return _wrong(400, "Validation failed.", "description", "lt")
        words = {
            key: asked.body[key]
            for key in ("display_name", "description", "icon")
            if key in asked.body
        }
        made = Template(name, version.id, self.state.organization, words)
        self.state.templates[made.id] = made
        version.template_id = made.id
        return Answer(201, made.as_json())

    def update_template(self, asked: Asked) -> Answer:
        template = self.state.templates[asked.path["template"]]
        before = template.as_json()
        kept = {key: value for key, value in before.items() if key == "max_port_share_level"}
        # What is left out is reset, as older releases of Coder do.
        reset = {key: type(value)() for key, value in before.items() if key not in kept}
        template.words = {**reset, **kept, **{k: v for k, v in asked.body.items() if k != "name"}}
        return Answer(200, template.as_json())

    def template_versions(self, asked: Asked) -> Answer:
        found = self.state.versions_of(asked.path["template"])
        ids = [item.id for item in found]
        if (after := asked.query.get("after_id")) is not None:
            found = found[ids.index(after) + 1 :]
        return Answer(200, [item.as_json() for item in found])

    def activate_version(self, asked: Asked) -> Answer:
        template = self.state.templates[asked.path["template"]]
        version = self.state.versions[asked.body["id"]]
        if version.template_id != template.id:
            return _wrong(400, "The provided template version doesn't belong to the template.")
        if version.job.status != "succeeded":
            return _wrong(400, "Only versions that have been built successfully can be promoted.")
        template.active = version.id
        return _DONE

    def template_version_by_name(self, asked: Asked) -> Answer:
        found = self.state.versions_of(asked.path["template"])
        named = [item for item in found if item.name == asked.path["templateversionname"]]
        return Answer(200, named[0].as_json()) if named else _MISSING

    def upload(self, asked: Asked) -> Answer:
        self.state.uploads += 1
        id_, is_new = self.state.add_file(asked.body)
        return Answer(201 if is_new else 200, {"hash": id_})

    def download(self, asked: Asked) -> Answer:
        found = self.state.files.get(asked.path["fileID"])
        return Answer(200, found) if found is not None else _MISSING

    def create_template_version(self, asked: Asked) -> Answer:
        body, template_id = asked.body, asked.body.get("template_id")
        if body["file_id"] not in self.state.files:
            return _wrong(404, "File not found.")
        taken = {item.name for item in self.state.versions_of(template_id or "")}
        if body["name"] in taken:
            name = body["name"]
            return _wrong(
                409, f'A template version with name "{name}" already exists.', "name", "taken"
            )
        before = self.state.templates[template_id].active if template_id else None
        last = self.state.versions[before].variables if before else {}
        given = {item["name"]: item["value"] for item in body["user_variable_values"]}
        job = self.state.next_job(body["file_id"])
        job.tags = body["tags"]
        made = Version(body["name"], body["message"], job, template_id, {**last, **given})
        self.state.versions[made.id] = made
        return Answer(201, made.as_json())

    def template_version(self, asked: Asked) -> Answer:
        found = self._version(asked)
        found.job.look()
        return Answer(200, found.as_json())

    def template_version_logs(self, asked: Asked) -> Answer:
        return Answer(200, self._version(asked).job.logs(int(asked.query.get("after", "0"))))

    def cancel_template_version(self, asked: Asked) -> Answer:
        self._version(asked).job.cancel()
        return _DONE

    def template_version_variables(self, asked: Asked) -> Answer:
        version = self._version(asked)
        return Answer(200, self.state.uploaded(version).variables(version.variables))

    def template_version_parameters(self, asked: Asked) -> Answer:
        return Answer(200, self.state.uploaded(self._version(asked)).parameters())

    def template_version_presets(self, asked: Asked) -> Answer:
        return Answer(200, self.state.uploaded(self._version(asked)).presets())

    def _version(self, asked: Asked) -> Version:
        return self.state.versions[asked.path["templateversion"]]

    def workspace_by_name(self, asked: Asked) -> Answer:
        found = self.state.workspace_named(asked.path["workspacename"])
        return Answer(200, self.state.workspace_json(found)) if found else _MISSING

    def create_workspace(self, asked: Asked) -> Answer:
        template = self.state.templates.get(asked.body["template_id"])
        if template is None:
            return _wrong(400, "Template does not exist.")
        if self.state.workspace_named(asked.body["name"]):
            return _wrong(409, f'Workspace "{asked.body["name"]}" already exists.', "name", "taken")
        version = self.state.versions[template.active]
        given = {
            item["name"]: item["value"] for item in asked.body.get("rich_parameter_values", [])
        }
        known = {
            item["name"]: item["default_value"]
            for item in self.state.uploaded(version).parameters()
        }
        job = self.state.next_job(version.job.file_id)
        made = Workspace(
            asked.body["name"], template, [Build(1, "start", version, job, {**known, **given})]
        )
        self.state.workspaces[made.id] = made
        return Answer(201, self.state.workspace_json(made))

    def workspace(self, asked: Asked) -> Answer:
        found = self.state.workspaces[asked.path["workspace"]]
        told = self.state.workspace_json(found)
        found.latest.looks += found.latest.status == "running"
        return Answer(200, told)

    def create_build(self, asked: Asked) -> Answer:
        workspace = self.state.workspaces[asked.path["workspace"]]
        latest = workspace.latest
        if latest.job.is_active:
            return _wrong(409, "A workspace build is already active.")
        id_ = asked.body.get("template_version_id", latest.version.id)
        given = {
            item["name"]: item["value"] for item in asked.body.get("rich_parameter_values", [])
        }
        version = self.state.versions[id_]
        made = Build(
            latest.number + 1,
            asked.body["transition"],
            version,
            self.state.next_job(version.job.file_id),
            {**latest.parameters, **given},
        )
        workspace.builds.append(made)
        return Answer(201, self.state.build_json(workspace, made))

    def workspace_build(self, asked: Asked) -> Answer:
        workspace, build = self._build(asked)
        build.job.look()
        return Answer(200, self.state.build_json(workspace, build))

    def workspace_build_logs(self, asked: Asked) -> Answer:
        return Answer(200, self._build(asked)[1].job.logs(int(asked.query.get("after", "0"))))

    def workspace_build_parameters(self, asked: Asked) -> Answer:
        values = self._build(asked)[1].parameters
        return Answer(200, [{"name": name, "value": value} for name, value in values.items()])

    def cancel_workspace_build(self, asked: Asked) -> Answer:
        self._build(asked)[1].job.cancel()
        return _DONE

    def _build(self, asked: Asked) -> tuple[Workspace, Build]:
        return next(
            (workspace, build)
            for workspace in self.state.workspaces.values()
            for build in workspace.builds
            if build.id == asked.path["workspacebuild"]
        )
