"""A template folder → an active template version on a deployment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.coder_api.archive import Entry, content_hash, pack
from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Organization, Template, TemplateVersion
from provisioner.coder_api.problem import ApiError, UnknownOutcomeError, UnreachableError
from provisioner.coder_api.template_calls import NewVersion
from provisioner.coder_steps.follow_job import cancel, follow, version_source
from provisioner.coder_steps.job_findings import (
    PushedFiles,
    failed_job_findings,
    missing_variable_findings,
)
from provisioner.coder_steps.left_behind import LeftVersion
from provisioner.coder_steps.same_version import SameVersion, find_same_version
from provisioner.coder_steps.watch import Watch
from provisioner.errors import CoderError, FindingsError, InputError
from provisioner.redact import Secret, SecretMask

__all__ = ["PushDone", "PushWish", "push"]

_NO_VALUES = "REQUIRED_TEMPLATE_VARIABLES"


@dataclass(frozen=True, slots=True)
class PushWish:
    """What to push, and what becomes of it."""

    template: str
    entries: Mapping[str, Entry]
    folder: str
    """How findings name the folder of the template."""
    organization: str = "default"
    version: str = ""
    """Name of the version; empty to choose one."""
    message: str = ""
    variables: Mapping[str, Secret] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()
    """Those of the values that nothing may show."""
    tags: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    """`display_name`, `description` and `icon`, as far as they are set."""
    activates: bool = True
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class PushDone:
    """What was done, or what would be."""

    template: str
    version: str
    """Empty where a dry run would make one."""
    version_id: str
    is_new_version: bool
    is_new_template: bool
    is_active: bool
    is_activated: bool
    """Whether it was not active before."""
    edited: tuple[str, ...]
    why: str
    """Why there is a new version."""
    organization: str = ""
    """Its name; empty for the default one."""

    @property
    def is_changed(self) -> bool:
        """Whether anything is other than before."""
        return self.is_new_version or self.is_activated or bool(self.edited)


def push(client: CoderClient, wish: PushWish, left: LeftVersion, watch: Watch) -> PushDone:
    """Push what `wish` says; `left` is kept up to date for whoever is interrupted.

    Raises `FindingsError` with what Terraform says of a template that it refuses, and `CoderError`.
    """
    try:
        return _Push(client, wish, left, watch).run()
    except KeyboardInterrupt:
        if left.version_id and left.state not in {"succeeded", "canceled", "failed"}:
            _let_go(client, left, watch)
        raise


def _let_go(client: CoderClient, left: LeftVersion, watch: Watch) -> None:
    """Cancel the job, unless it is that of another run, which may still wait for it."""
    if not left.is_own:
        watch.say("the job goes on: another run started it")
        return
    watch.say("asking Coder to cancel the job; once more stops without waiting")
    left.state = cancel(version_source(client, left.version_id), watch)


class _Push:
    def __init__(
        self, client: CoderClient, wish: PushWish, left: LeftVersion, watch: Watch
    ) -> None:
        self.calls, self.client = client.templates, client
        self.wish, self.left, self.watch = wish, left, watch
        self.organization = ""

    def run(self) -> PushDone:
        archive = pack(self.wish.entries)
        organization = self.calls.organization(self.wish.organization)
        template = self.calls.find(organization.id, self.wish.template)
        self.organization = "" if organization.is_default else organization.name
        self.left.is_first = template is None
        same = SameVersion(None, "the template is not there yet")
        if template is not None:
            wish = self.wish
            same = find_same_version(self.client, template, wish.entries, wish.variables, wish.tags)
        elif not self.wish.activates:
            raise InputError(
                f'template "{self.wish.template}" is not there yet, and its first version is '
                "active at once; leave out --no-activate"
            )
        version = same.version
        if version is not None and self.wish.version not in {"", version.name}:
            self.watch.say(
                f'the version name "{self.wish.version}" is not used: version "{version.name}" has '
                "the same files, and keeps its name"
            )
        if self.wish.is_dry_run:
            return self._done(template, same, version)
        if version is None:
            self.watch.say(f"uploading {len(self.wish.entries)} files, {len(archive):,} bytes")
            file_id = self.calls.upload(archive)
            version = self._new_version(organization, template, file_id, same.tags)
        left, version_job = self.left, version.job
        left.version, left.version_id, left.state = version.name, version.id, version_job.status
        if version_job.is_active:
            version = self._finished(version)
        if template is None:
            self._create(organization, version)
        elif self.wish.activates and template.active_version_id != version.id:
            self._activate(template, version)
        done = self._done(template, same, version)
        if template is not None and done.edited:
            # Its settings may have changed while the job ran, and an edit sends all of them back.
            now = self.calls.get(template.id)
            self.calls.edit(now, {key: self.wish.words[key] for key in done.edited})
        return done

    def _done(
        self, template: Template | None, same: SameVersion, version: TemplateVersion | None
    ) -> PushDone:
        """Say what a whole run does, or has done."""
        active = template.active_version_id if template else ""
        is_activated = self.wish.activates and (version is None or version.id != active)
        is_active = is_activated or (version is not None and version.id == active)
        # The words are those of the version that users get, not of one that waits.
        edited = (
            key
            for key, value in self.wish.words.items()
            if template and is_active and _word(template, key) != value
        )
        return PushDone(
            template=self.wish.template,
            version=version.name if version else "",
            version_id=version.id if version else "",
            is_new_version=same.version is None,
            is_new_template=template is None,
            is_active=is_active,
            is_activated=is_activated,
            edited=tuple(edited),
            why=same.why_not,
            organization=self.organization,
        )

    def _new_version(
        self,
        organization: Organization,
        template: Template | None,
        file_id: str,
        tags: Mapping[str, str],
    ) -> TemplateVersion:
        wish = self.wish
        digest = content_hash(wish.entries)
        # With a name of our own, a version can be found again when no answer comes.
        name = wish.version or f"p{digest[:8]}-{secrets.token_hex(3)}"
        new = NewVersion(
            name,
            file_id,
            wish.message,
            template.id if template else "",
            wish.variables,
            wish.tags or tags,
        )
        with self.watch.interrupts.held():
            self.left.version = name
            try:
                version = self.calls.new_version(organization.id, new)
            except UnknownOutcomeError:
                found = self.calls.version_named(template.id, name) if template else None
                if found is None:
                    raise
                version = found
            except (ApiError, UnreachableError):
                self.left.version = ""
                raise
            self.left.version, self.left.version_id = version.name, version.id
            self.left.is_own = True
            self.left.state = version.job.status
        return version

    def _finished(self, version: TemplateVersion) -> TemplateVersion:
        """Wait for the end of the job; raises `FindingsError` when it failed."""
        self.watch.say(f'version "{version.name}" is being made')
        job, lines = follow(version_source(self.client, version.id), self.watch)
        self.left.state = job.status
        if job.has_succeeded:
            return self.calls.version(version.id)
        if job.status == "canceled":
            raise CoderError(f'the job of version "{version.name}" was canceled by somebody else')
        mask = SecretMask(self.wish.secrets)
        pushed = PushedFiles(self.wish.entries, self.wish.folder, mask)
        if job.error_code == _NO_VALUES:
            result = missing_variable_findings(self.calls.variables(version.id), pushed)
            if result.findings:
                raise FindingsError(result)
        raise FindingsError(failed_job_findings(lines, job.error, pushed))

    def _create(self, organization: Organization, version: TemplateVersion) -> None:
        wish = self.wish
        body = {"name": wish.template, "template_version_id": version.id, **wish.words}
        with self.watch.interrupts.held():
            try:
                self.calls.create(organization.id, body)
            except (UnknownOutcomeError, ApiError):
                found = self.calls.find(organization.id, wish.template)
                if found is None or found.active_version_id != version.id:
                    raise
            self.left.is_active = True

    def _activate(self, template: Template, version: TemplateVersion) -> None:
        """Make `version` active, unless somebody else made another one active meanwhile."""
        with self.watch.interrupts.held():
            now = self.calls.get(template.id).active_version_id
            if now not in {template.active_version_id, version.id}:
                other = self.calls.version(now)
                by = f" by {other.created_by.username}" if other.created_by.username else ""
                raise CoderError(
                    f'version "{version.name}" is superseded: meanwhile "{other.name}"{by} became '
                    "active, and stays so; look at it, and push again to replace it"
                )
            self.calls.activate(template.id, version.id)
            self.left.is_active = True


def _word(template: Template, key: str) -> str:
    return {
        "display_name": template.display_name,
        "description": template.description,
        "icon": template.icon,
    }[key]
