"""What one virtual key may do: kept with the key as JSON, checked at the door.

The names are those of LangWatch's control plane in snake case; an empty policy allows everything.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from provisioner.gateway.policy.patterns import LONGEST_NAME, checked_pattern, is_found

__all__ = [
    "CacheSettings",
    "FallbackSettings",
    "KeyPolicy",
    "KeyScopes",
    "PatternSet",
    "PolicyRules",
    "RateLimits",
]

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)
_MOST_PATTERNS = 200
_KEPT = "kept"


def _pattern(text: str, info: ValidationInfo) -> str:
    return text if info.context == _KEPT else checked_pattern(text)


Patterns = Annotated[
    tuple[Annotated[str, Field(max_length=500), AfterValidator(_pattern)], ...],
    Field(max_length=_MOST_PATTERNS),
]
Limit = Annotated[int, Field(ge=1)]


class PatternSet(BaseModel):
    """Regular expressions that are searched for: what one of `deny` finds is refused.

    With `allow`, so is what none of it finds.
    """

    model_config = _CONFIG

    deny: Patterns = ()
    allow: Patterns | None = None

    def refuses(self, text: str) -> bool:
        """Say whether `text` may not be."""
        return self.refusal((text,)) is not None

    def refusal(self, names: tuple[str, ...]) -> str | None:
        """Return by which of its `names` a thing may not be, None if it may.

        One name that `deny` finds is enough to refuse it, one that `allow` finds to let it pass. A
        pattern that may not be searched for refuses everything, and so do names that are too long.
        """
        if not self.deny and self.allow is None:
            return None
        for name in names:
            if len(name) > LONGEST_NAME:
                return name
            if any(is_found(pattern, name) is not False for pattern in self.deny):
                return name
        if self.allow is None:
            return None
        is_allowed = any(is_found(pattern, name) for pattern in self.allow for name in names)
        return None if is_allowed else (*names, "")[0]


class PolicyRules(BaseModel):
    """What requests may bring along."""

    model_config = _CONFIG

    tools: PatternSet = PatternSet()
    mcp: PatternSet = PatternSet()
    urls: PatternSet = PatternSet()
    models: PatternSet = PatternSet()


class CacheSettings(BaseModel):
    """What happens to the marks by which clients steer the prompt cache of a provider."""

    model_config = _CONFIG

    mode: Literal["respect", "force", "disable"] = "respect"
    ttl_s: Annotated[int, Field(ge=1, le=86_400)] = 3600


class FallbackSettings(BaseModel):
    """Which providers are asked when one cannot answer, in their order."""

    model_config = _CONFIG

    chain: tuple[str, ...] = ()
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3


class RateLimits(BaseModel):
    """How many requests a key has in a minute and in a day, and tokens in a minute."""

    model_config = _CONFIG

    rpm: Limit | None = None
    tpm: Limit | None = None
    rpd: Limit | None = None


class KeyScopes(BaseModel):
    """Who the key belongs to besides its user."""

    model_config = _CONFIG

    organization: str = ""
    team: str = ""
    project: str = ""


class KeyPolicy(BaseModel):
    """Everything that is set for one key."""

    model_config = _CONFIG

    scopes: KeyScopes = KeyScopes()
    models_allowed: tuple[str, ...] | None = None
    """Globs; None allows all."""
    providers_allowed: tuple[str, ...] | None = None
    model_aliases: dict[str, str] = {}
    """Name that clients use → `provider/model` or `model`."""
    routing_mode: Literal["none", "fallback_all", "policy"] = "none"
    """`none` asks one provider, `fallback_all` all that can answer, `policy` the chain."""
    fallback: FallbackSettings = FallbackSettings()
    cache: CacheSettings = CacheSettings()
    policy_rules: PolicyRules = PolicyRules()
    rate_limits: RateLimits = RateLimits()
    tags: tuple[str, ...] = ()

    @classmethod
    def kept(cls, document: str) -> Self:
        """Return what a database has kept; patterns that are not taken any more stay in it."""
        return cls.model_validate_json(document, context=_KEPT)
