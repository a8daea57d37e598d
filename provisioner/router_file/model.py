"""What a configuration file of the router says, with every default and variable in its place."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from provisioner.redact import Secret

__all__ = ["BanRule", "RouterConfig", "RouterCredential", "RouterModel"]


class RouterCredential(Struct, frozen=True):
    """One service with one key. Limits are for a minute, -1 is unlimited.

    `base_url` has no slash and no `/v1` at its end; `upstream` is the reference gateway's, empty
    where it has none.
    """

    name: str
    type: str
    upstream: str
    base_url: str
    key: Secret
    rpm: int
    tpm: int
    is_fallback: bool
    project_id: str = ""
    location: str = ""
    proxy_url: str = ""


class RouterModel(Struct, frozen=True):
    """A name that clients use, and what it is at one credential, or at all where that is empty.

    `model` goes to the service; limits are counted under `name`.
    """

    name: str
    model: str
    credential: str
    rpm: int
    tpm: int
    is_native: bool | None = None
    """Whether Responses go on as such; None where the file does not say."""


class BanRule(Struct, frozen=True):
    """After how many failures, and for how many seconds; infinity is for ever."""

    max_attempts: int
    seconds: float


class RouterConfig(Struct, frozen=True):
    """The whole file."""

    port: int
    master_key: Secret
    max_body_bytes: int
    max_provider_retries: int
    request_seconds: float
    credentials: tuple[RouterCredential, ...]
    models: tuple[RouterModel, ...]
    aliases: Mapping[str, str]
    ban: BanRule
    ban_codes: frozenset[int]
    ban_rules: Mapping[int, BanRule]
    has_metrics: bool
    has_other_keys: bool
    """Whether keys beside the master key are known: `litellm_db`."""
    notes: tuple[str, ...]
    """What stands in the file and has no effect here."""
