"""Which models a key may be told of: its aliases and what it may ask for by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.policy.models import Offer

__all__ = ["ListedModel", "listed_models"]

_EVERYTHING = KeyPolicy()


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A name, or a glob as the policy or a provider has it, and whose it is, if that is known."""

    id: str
    owner: str


def listed_models(offers: Sequence[Offer], policy: KeyPolicy | None) -> tuple[ListedModel, ...]:
    """Return aliases, then what the policy allows, or without that what providers declare.

    A provider that declares nothing is there as `<name>/*`.
    """
    policy = policy or _EVERYTHING
    found: dict[str, ListedModel] = {}
    for model in _listed(offers, policy):
        found.setdefault(model.id, model)
    return tuple(found.values())


def _listed(offers: Sequence[Offer], policy: KeyPolicy) -> Iterator[ListedModel]:
    allowed = policy.providers_allowed
    usable = [o for o in offers if allowed is None or o.provider.name in allowed]
    usable = [offer for offer in usable if offer.provider.enabled]
    for name, target in policy.model_aliases.items():
        if _is_allowed(policy, target):
            yield ListedModel(name, _owner(usable, target))
    if policy.models_allowed is not None:
        for entry in policy.models_allowed:
            yield ListedModel(entry, _owner(usable, entry))
        return
    for offer in usable:
        for model in offer.models or (f"{offer.provider.name}/*",):
            yield ListedModel(model, offer.provider.name)


def _is_allowed(policy: KeyPolicy, target: str) -> bool:
    if policy.models_allowed is None:
        return True
    bare = target.partition("/")[2] or target
    return any(fnmatchcase(s, p) for s in (target, bare) for p in policy.models_allowed)


def _owner(offers: Sequence[Offer], target: str) -> str:
    prefix, slash, rest = target.partition("/")
    for offer in offers:
        if slash and rest and offer.provider.name == prefix:
            return prefix
    return next((offer.provider.name for offer in offers if offer.declares(target)), "")
