"""A template on the deployment → its version that has what would be pushed, if there is one.

What counts is the content: which files there are, what is in them and which are executable. Dates
and owners in the archive do not, so a version that the `coder` CLI pushed is recognised too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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


def find_same_version(
    client: CoderClient,
    template: Template,
    entries: Mapping[str, Entry],
    variables: Mapping[str, Secret],
) -> SameVersion:
    """Look at the active version, and then at the newest one: the one a push did not finish.

    Variables that are not given keep their values on the deployment. Raises `CoderError`.
    """
    wanted = content_hash(entries)
    first = ""
    for version in _candidates(client, template):
        why_not = _difference(client, version, wanted, variables)
        if not why_not:
            return SameVersion(version)
        first = first or why_not
    return SameVersion(None, first)


def _candidates(client: CoderClient, template: Template) -> Iterator[TemplateVersion]:
    yield client.templates.version(template.active_version_id)
    for version in client.templates.versions_after(template.id, template.active_version_id)[:1]:
        if version.job.status in _USABLE:
            yield version


def _difference(
    client: CoderClient, version: TemplateVersion, wanted: str, variables: Mapping[str, Secret]
) -> str:
    try:
        there = content_hash(unpack(client.templates.download(version.job.file_id)))
    except (ApiError, InputError):
        return f'the files of version "{version.name}" cannot be read'
    if there != wanted:
        return f'the files differ from those of version "{version.name}"'
    if not variables:
        return ""
    known = {item.name: item for item in client.templates.variables(version.id)}
    for name, value in variables.items():
        if name not in known or known[name].sensitive:
            return f'the value of the sensitive variable "{name}" is not told'
        if known[name].value != value.reveal():
            return f'variable "{name}" has another value in version "{version.name}"'
    return ""
