"""Files, template versions and templates of a deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from msgspec.structs import replace

from provisioner.coder_api.models import (
    Job,
    LogLine,
    Organization,
    Parameter,
    Preset,
    Template,
    TemplateVersion,
    Upload,
    Variable,
    with_small_letters,
    without_nulls,
)
from provisioner.coder_api.problem import ApiError
from provisioner.coder_api.transport import Call, Transport, path_of
from provisioner.redact import Secret

__all__ = ["NewVersion", "TemplateCalls"]

# What `PATCH /templates/{id}` resets when it is left out, in one release of Coder or another, and
# what `GET` answers under the same name: coder/coder, codersdk.UpdateTemplateMeta.
_SENT_BACK = (
    "activity_bump_ms",
    "allow_user_autostart",
    "allow_user_autostop",
    "allow_user_cancel_workspace_jobs",
    "autostart_requirement",
    "autostop_requirement",
    "default_ttl_ms",
    "description",
    "display_name",
    "failure_ttl_ms",
    "icon",
    "name",
    "require_active_version",
    "time_til_dormant_autodelete_ms",
    "time_til_dormant_ms",
)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a template version is made of."""

    name: str
    file_id: str
    message: str
    template_id: str
    """Empty for the first version of a template that is not there yet."""
    variables: Mapping[str, Secret]
    tags: Mapping[str, str]


class TemplateCalls:
    """Calls about templates; each raises `CoderError`."""

    def __init__(self, transport: Transport) -> None:
        """Ask through `transport`."""
        self._to = transport

    def organization(self, name: str) -> Organization:
        """Return the organization of this name or id; `default` is one too."""
        return self._to.ask(Organization, Call("GET", path_of("organizations", name)))

    def find(self, organization: str, name: str) -> Template | None:
        """Return the template of this name, or None."""
        call = Call("GET", path_of("organizations", organization, "templates", name))
        try:
            return self._template(call)
        except ApiError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def get(self, template_id: str) -> Template:
        """Return the template as it is now."""
        return self._template(Call("GET", f"/templates/{template_id}"))

    def create(self, organization: str, body: Mapping[str, str]) -> Template:
        """Make a template of a version; may raise `UnknownOutcomeError`."""
        path = f"/organizations/{organization}/templates"
        return self._template(Call("POST", path, body=body, can_repeat=False))

    def edit(self, template: Template, changes: Mapping[str, str]) -> None:
        """Change the words that Coder shows; everything else stays as it is."""
        body = {**template.settings, **changes}
        self._to.send(Call("PATCH", f"/templates/{template.id}", body=body))

    def activate(self, template_id: str, version_id: str) -> None:
        """Make a version the one that new workspaces get."""
        self._to.send(Call("PATCH", f"/templates/{template_id}/versions", body={"id": version_id}))

    def upload(self, archive: bytes) -> str:
        """Upload a tar archive and return its id: the same one for the same bytes."""
        call = Call("POST", "/files", content=archive, content_type="application/x-tar")
        return self._to.ask(Upload, call).hash

    def download(self, file_id: str) -> bytes:
        """Return the archive of this id."""
        return self._to.send(Call("GET", f"/files/{file_id}")).content

    def new_version(self, organization: str, new: NewVersion) -> TemplateVersion:
        """Start to make a version; may raise `UnknownOutcomeError`."""
        body: dict[str, Any] = {
            "name": new.name,
            "message": new.message,
            "storage_method": "file",
            "file_id": new.file_id,
            "provisioner": "terraform",
            "tags": dict(new.tags),
            "user_variable_values": [
                {"name": name, "value": value.reveal()} for name, value in new.variables.items()
            ],
        }
        if new.template_id:
            body["template_id"] = new.template_id
        path = f"/organizations/{organization}/templateversions"
        return self._to.ask(TemplateVersion, Call("POST", path, body=body, can_repeat=False))

    def version(self, version_id: str) -> TemplateVersion:
        """Return a version as it is now."""
        return self._to.ask(TemplateVersion, Call("GET", f"/templateversions/{version_id}"))

    def version_named(self, template_id: str, name: str) -> TemplateVersion | None:
        """Return the version of this name of a template, or None."""
        call = Call("GET", path_of("templates", template_id, "versions", name))
        try:
            return self._to.ask(TemplateVersion, call)
        except ApiError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def versions_after(self, template_id: str, version_id: str) -> Sequence[TemplateVersion]:
        """Return the versions of a template that are newer than one of it, the newest first."""
        call = Call("GET", f"/templates/{template_id}/versions", query={"after_id": version_id})
        found = self._to.ask(tuple[TemplateVersion, ...], call)
        return sorted(found, key=lambda version: version.created_at, reverse=True)

    def version_job(self, version_id: str) -> Job:
        """Return the state of the job that makes a version."""
        return self.version(version_id).job

    def version_logs(self, version_id: str, after: int) -> tuple[LogLine, ...]:
        """Return the lines of its log after the one with the id `after`."""
        query = {"after": str(after)} if after else {}
        call = Call("GET", f"/templateversions/{version_id}/logs", query=query)
        return self._to.ask(tuple[LogLine, ...], call)

    def cancel_version(self, version_id: str) -> None:
        """Ask for the end of the job that makes a version."""
        self._to.send(Call("PATCH", f"/templateversions/{version_id}/cancel"))

    def variables(self, version_id: str) -> tuple[Variable, ...]:
        """Return the variables of a version."""
        call = Call("GET", f"/templateversions/{version_id}/variables")
        return self._to.ask(tuple[Variable, ...], call)

    def parameters(self, version_id: str) -> tuple[Parameter, ...]:
        """Return what the creator of a workspace of a version is asked."""
        call = Call("GET", f"/templateversions/{version_id}/rich-parameters")
        return self._to.ask(tuple[Parameter, ...], call)

    def presets(self, version_id: str) -> tuple[Preset, ...]:
        """Return the presets of a version."""
        call = Call("GET", f"/templateversions/{version_id}/presets")
        return self._to.read(tuple[Preset, ...], call, with_small_letters(self._to.json(call)))

    def _template(self, call: Call) -> Template:
        data = self._to.json(call)
        template = self._to.read(Template, call, data)
        kept = without_nulls({key: data.get(key) for key in _SENT_BACK})
        return replace(template, settings=kept)
