"""What an admin may say of a provider, checked: a new one, or what is to be another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from provisioner.gateway.management.call import bad_request
from provisioner.gateway.management.checked import checked
from provisioner.gateway.provider_config import ProviderConfig

__all__ = ["KeyBody", "NewProvider", "ProviderChange", "provider_config"]

_CONFIG = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_MOST_KEYS = 5
# What a checked provider calls its parts → what the body calls them.
_NAMES = {"": "type"}


def _key(key: str) -> str:
    # It goes into a header.
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("it must be one word of printable ASCII")
    return key


def _shown(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it must be printable")
    return text


Key = Annotated[str, Field(max_length=8_192), AfterValidator(_key)]
Shown = Annotated[str, Field(max_length=2_000), AfterValidator(_shown)]


class NewProvider(BaseModel):
    """A provider as `POST` brings it; like Coder's it is switched off unless it says otherwise.

    `upstream` is not Coder's: which one answers, empty for that of the type. There are no settings.
    """

    model_config = _CONFIG

    name: str
    type: str
    display_name: Shown = ""
    icon: Shown = ""
    base_url: str = ""
    enabled: StrictBool = False
    upstream: str = ""
    settings: None = None
    api_keys: Annotated[tuple[Key, ...], Field(max_length=_MOST_KEYS)] = ()


class KeyBody(BaseModel):
    """A key that is there, by `id`, or a new one."""

    model_config = _CONFIG

    id: str | None = None
    api_key: Key | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.id is None) is (self.api_key is None):
            raise ValueError("it must have either `id` or `api_key`")
        return self


class ProviderChange(BaseModel):
    """What `PATCH` brings: all that is named becomes so, `api_keys` as a whole."""

    model_config = _CONFIG

    name: str | None = None
    type: str | None = None
    display_name: Shown | None = None
    icon: Shown | None = None
    base_url: str | None = None
    enabled: StrictBool | None = None
    upstream: str | None = None
    settings: None = None
    api_keys: Annotated[tuple[KeyBody, ...], Field(max_length=_MOST_KEYS)] | None = None


def provider_config(said: Mapping[str, object]) -> ProviderConfig:
    """Return what is to be served, of the fields of a body; raises `ApiError` for each mistake."""
    kind = said["type"]
    document = {"name": said["name"], "type": kind, "enabled": said["enabled"]}
    document["upstream"] = said["upstream"] or ("anthropic" if kind == "anthropic" else "openai")
    # An empty one is that of the service, and does not count as said.
    if said["base_url"]:
        document["base_url"] = said["base_url"]
    config = checked(ProviderConfig, document, names=_NAMES)
    if said["api_keys"] and not config.takes_keys:
        problem = f'mean nothing to the upstream "{config.upstream}" of this type'
        raise bad_request("Request body has invalid values.", api_keys=problem)
    return config
