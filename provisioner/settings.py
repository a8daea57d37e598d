"""The table `[validate]`: what a project always wants of `provisioner validate`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

__all__ = ["ValidateSettings", "settings_schema"]


class ValidateSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for `provisioner validate`; an option of the command line replaces its key."""

    select: tuple[str, ...] = ()
    """Rules to run, as `--select`; all without it."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out, as `--ignore`."""
    fail_on: Literal["error", "warning", "note"] | None = None
    """Least severity that makes the exit code 1."""
    codex_version: str | None = None
    """Codex that reads the configs, such as `0.169.0`."""
    exclude: tuple[str, ...] = ()
    """Files and folders to leave out, as globs that count from the folder of the settings file."""
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    """Glob → rules to leave out in the files that it fits."""
    baseline: str | None = None
    """File with accepted findings, as `--baseline`, from the folder of the settings file."""


def settings_schema() -> dict[str, Any]:
    """Return the JSON schema of the table."""
    import msgspec  # noqa: PLC0415 - its schemas cost start-up time

    schema: dict[str, Any]
    (schema,) = msgspec.json.schema_components([ValidateSettings])[1].values()
    return schema
