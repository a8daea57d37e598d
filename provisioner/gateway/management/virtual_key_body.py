"""What may be said of a virtual key from outside: checked, each mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
)

from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.record.accounts import SHARED_PREFIX
from provisioner.gateway.virtual_key import Environment

__all__ = ["KeyBody", "KeyChange", "merged"]

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)
_LONGEST_LIFE = 36_500 * 86_400


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("it must be printable, without spaces around it")
    return name


def _user(name: str) -> str:
    if name.startswith(SHARED_PREFIX):
        raise ValueError(f'names that begin with "{SHARED_PREFIX}" are those of shared keys')
    return name


Name = Annotated[str, Field(max_length=200), AfterValidator(_printable)]


class _Ends(BaseModel):
    model_config = _CONFIG

    expires_at: AwareDatetime | None = None
    lifetime_seconds: Annotated[int, Field(ge=1, le=_LONGEST_LIFE)] | None = None

    def ends(self, now: datetime) -> datetime | None:
        """Return when the key ends by itself, None for never."""
        if self.lifetime_seconds is not None:
            return now + timedelta(seconds=self.lifetime_seconds)
        return self.expires_at


class KeyBody(_Ends):
    """A new key; without `user` it is shared."""

    name: Name = ""
    user: Annotated[Name, AfterValidator(_user)] = ""
    groups: tuple[Annotated[Name, Field(min_length=1)], ...] = ()
    environment: Environment = "live"
    policy: KeyPolicy = KeyPolicy()


class KeyChange(_Ends):
    """What is to be another way; `policy` says it in the manner of RFC 7386."""

    name: Name | None = None
    policy: dict[str, Any] | None = None


def merged(old: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `old` as `patch` changes it: objects part by part, null takes away (RFC 7386)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(old) if isinstance(old, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
