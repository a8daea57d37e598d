"""Which provider and model a name means for a key, and whether the key may have it.

The steps are LangWatch's: an exact alias, a provider by name, a kind of provider, what providers
declare, how models are called, providers that declare nothing, the only provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provisioner.gateway.policy.denial import Denial, DeniedError, Reason
from provisioner.gateway.policy.judged import Candidate, Judged
from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.providers import Provider

__all__ = ["ModelCheck", "Offer"]

# Prefix of a name → kinds of providers that it may mean.
_PREFIXES = {
    "openai": ("openai", "azure"),
    "azure": ("azure", "openai"),
    "azure_openai": ("azure", "openai"),
    "anthropic": ("anthropic",),
    "bedrock": ("bedrock",),
    "aws_bedrock": ("bedrock",),
    "vertex": ("vertex",),
    "vertex_ai": ("vertex",),
    "google_vertex": ("vertex",),
    "gemini": ("gemini",),
    "google_gemini": ("gemini",),
    "deepseek": ("deepseek",),
    "xai": ("xai",),
    "groq": ("groq",),
    "cerebras": ("cerebras",),
    "custom": ("custom",),
}
_PATTERNS = (("gpt-*", "openai"), ("claude-*", "anthropic"), ("gemini-*", "gemini"))
_NOBODY = KeyPolicy()


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider, what kind of service it is, and globs of the models that it declares."""

    provider: Provider
    kind: str
    models: tuple[str, ...] = ()
    apis: frozenset[str] = frozenset()
    """Those it speaks, empty for all."""

    def speaks(self, api: str) -> bool:
        """Say whether it can be asked through `api`, such as `responses`."""
        return not self.apis or api in self.apis

    def declares(self, model: str) -> bool:
        """Say whether `model` is among those it declares."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)


class ModelCheck:
    """Turns the name that a client uses into candidates."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        """Choose among `offers`, best first."""
        self._offers = tuple(offers)

    async def judge(self, judged: Judged) -> None:
        """Set the candidates; raises `DeniedError`."""
        asked = judged.asked
        policy = asked.actor.policy or _NOBODY
        if not asked.model:
            raise DeniedError(Denial(Reason.MISSING_MODEL, "missing model"))
        target = policy.model_aliases.get(asked.model, asked.model)
        offers = [offer for offer in self._offers if _may_use(policy, offer)]
        if asked.provider is not None:
            offers = [offer for offer in offers if offer.provider is asked.provider]
        if not offers:
            raise DeniedError(Denial(Reason.NO_PROVIDER, "no provider is configured for this key"))
        offers = [offer for offer in offers if offer.speaks(asked.api)]
        if not offers:
            message = f"no provider of this key speaks the API {asked.api}"
            raise DeniedError(Denial(Reason.NO_PROVIDER, message))
        candidates = _allowed(policy, _candidates(offers, target), asked.model)
        if policy.routing_mode == "policy" and policy.fallback.chain:
            candidates = _in_chain(candidates, policy.fallback.chain)
        single = policy.routing_mode == "none"
        judged.candidates = tuple(candidates[:1] if single else candidates)
        judged.attempts = 1 if single else policy.fallback.max_attempts


def _may_use(policy: KeyPolicy, offer: Offer) -> bool:
    allowed = policy.providers_allowed
    usable = offer.provider.enabled and offer.provider.has_key
    return usable and (allowed is None or offer.provider.name in allowed)


def _candidates(offers: Sequence[Offer], target: str) -> list[Candidate]:
    """Return who can answer for `target`, never nobody; raises `DeniedError`."""
    prefix, slash, rest = target.partition("/")
    if slash and rest:
        named = [offer for offer in offers if offer.provider.name == prefix]
        if named:
            return [Candidate(offer.provider, rest) for offer in named]
        kinds = _PREFIXES.get(prefix)
        if kinds is not None:
            found = [offer for kind in kinds for offer in offers if offer.kind == kind]
            if not found:
                message = f'no provider for "{prefix}" is bound to this key'
                raise DeniedError(Denial(Reason.PROVIDER_NOT_BOUND, message))
            return [Candidate(offer.provider, rest) for offer in found]
    found = _by_model(offers, target)
    if not found:
        message = f"model not recognized: {target[:100]}"
        raise DeniedError(Denial(Reason.MODEL_NOT_RECOGNIZED, message))
    return [Candidate(offer.provider, target) for offer in found]


def _by_model(offers: Sequence[Offer], model: str) -> list[Offer]:
    declared = [offer for offer in offers if offer.declares(model)]
    if declared:
        return declared
    kinds = {kind for pattern, kind in _PATTERNS if fnmatchcase(model, pattern)}
    silent = [offer for offer in offers if not offer.models]
    named = [offer for offer in silent if offer.kind in kinds]
    return named or silent or (list(offers) if len(offers) == 1 else [])


def _in_chain(candidates: Sequence[Candidate], chain: Sequence[str]) -> list[Candidate]:
    """Return those that the chain names, in its order; the first one where it names none."""
    by_name = {candidate.provider.name: candidate for candidate in candidates}
    return [by_name[name] for name in chain if name in by_name] or list(candidates[:1])


def _allowed(policy: KeyPolicy, candidates: Sequence[Candidate], asked: str) -> list[Candidate]:
    """Return those that the key may have, never nobody; raises `DeniedError`.

    Each is judged by what the name means there: a list may hold one provider's models alone.
    """
    left = [candidate for candidate in candidates if _may_have(policy, candidate)]
    if left:
        return left
    model = candidates[0].model
    message = f"model not allowed: {model[:100]}"
    if asked != model and asked in policy.model_aliases:
        message += f' (named "{asked[:100]}" by this key)'
    raise DeniedError(Denial(Reason.MODEL_NOT_ALLOWED, message))


def _may_have(policy: KeyPolicy, candidate: Candidate) -> bool:
    spellings = (candidate.model, f"{candidate.provider.name}/{candidate.model}")
    allowed = policy.models_allowed
    is_allowed = allowed is None or any(
        fnmatchcase(spelling, pattern) for spelling in spellings for pattern in allowed
    )
    return is_allowed and not policy.policy_rules.models.refuses(candidate.model)
