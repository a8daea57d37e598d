"""A template on the deployment → its version that has what would be pushed, if there is one.

What counts is the content: which files there are, what is in them and which are executable. Dates
and owners in the archive do not, so a version that the `coder` CLI pushed is recognised too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.coder_api.archive import Entry, content_hash, unpack
from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Template, TemplateVersion
from provisioner.coder_api.problem import ApiError
from provisioner.errors import InputError
from provisioner.redact import Secret

__all__ = ["SameVersion", "find_same_version"]

_USABLE = frozenset({"pending", "running", "succeeded"})


@dataclass(frozen=True, slots=True)
class SameVersion:
    """What was found; `why_not` says what is different, or could not be compared."""

    version: TemplateVersion | None
    why_not: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Those of the active version's job, which the next one takes unless others are given."""


def find_same_version(
    client: CoderClient,
    template: Template,
    entries: Mapping[str, Entry],
    variables: Mapping[str, Secret],
    tags: Mapping[str, str],
) -> SameVersion:
    """Look at the active version, and then at the newest one: the one a push did not finish.

    Variables and tags that are not given stay as they are on the deployment. Raises `CoderError`.
    """
    wanted = content_hash(entries)
    active = client.templates.version(template.active_version_id)
    first = ""
    for version in _candidates(client, template, active):
        why_not = _other_tag(version, tags) or _difference(client, version, wanted, variables)
        if not why_not:
            return SameVersion(version, tags=active.job.tags)
        first = first or why_not
    return SameVersion(None, first, active.job.tags)


def _candidates(
    client: CoderClient, template: Template, active: TemplateVersion
) -> Iterator[TemplateVersion]:
    yield active
    for version in client.templates.versions_after(template.id, template.active_version_id)[:1]:
        if version.job.status in _USABLE:
            yield version


def _other_tag(version: TemplateVersion, tags: Mapping[str, str]) -> str:
    """Say which of `tags` is another one there; a job may have more, from the template itself."""
    for name, value in tags.items():
        if version.job.tags.get(name) != value:
            return f'version "{version.name}" has not the provisioner tag "{name}={value}"'
    return ""


def _difference(
    client: CoderClient, version: TemplateVersion, wanted: str, variables: Mapping[str, Secret]
) -> str:
    try:
        there = content_hash(unpack(client.templates.download(version.job.file_id)))
    except (ApiError, InputError):
        return f'the files of version "{version.name}" cannot be read'
    if there != wanted:
        return f'the files differ from those of version "{version.name}"'
    return _other_value(client, version, variables) if variables else ""


def _other_value(
    client: CoderClient, version: TemplateVersion, variables: Mapping[str, Secret]
) -> str:
    known = {item.name: item for item in client.templates.variables(version.id)}
    for name, value in variables.items():
        if name not in known:
            return f'variable "{name}" is not told of version "{version.name}"'
        if known[name].sensitive:
            return f'the value of the sensitive variable "{name}" is not told'
        if known[name].value != value.reveal():
            return f'variable "{name}" has another value in version "{version.name}"'
    return ""
