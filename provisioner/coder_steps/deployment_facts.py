"""A deployment → what it supports of an AI gateway.

What no API tells an ordinary user is found out by asking the gateway: it refuses a forbidden kind
of credential before it looks at the credential (coder/coder, aibridge). Nothing reaches a provider,
but for the last way to find the provider `chatgpt`, which asks for its list of models.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.problem import ApiError
from provisioner.errors import CoderError
from provisioner.knowledge.coder import coder_gateway
from provisioner.knowledge.version import Version

__all__ = ["CHATGPT", "DeploymentFacts", "Found", "deployment_facts"]

CHATGPT = "chatgpt"
_FEATURE = "aibridge"
_OFF = "handler not mounted"
_NO_LICENCE = "premium feature"
_BYOK_OFF = "bring your own key"
_UNKNOWN_ROUTE = "route not supported"
_DISABLED = "provider_disabled"
_PROBE = "no-token"
_NOT_FOR_YOU = frozenset({httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND})
# What a provider answers to a list of models without a login of its own; the gateway's own refusals
# of a user are 400 and 403.
_OF_PROVIDER = frozenset({httpx.codes.OK, httpx.codes.UNAUTHORIZED})


@dataclass(frozen=True, slots=True)
class Found:
    """Whether something is so, None where it could not be seen, and what was seen."""

    is_so: bool | None
    seen: str


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """What was found out."""

    url: str
    version: Version | None
    version_text: str
    user: str
    entitled: Found
    paths: tuple[str, ...]
    """Paths below the URL at which the gateway answers, the newest first."""
    gateway: Found
    byok: Found
    providers: tuple[str, ...] | None
    """Names of the enabled ones; None where this user may not see them."""
    chatgpt: Found


def deployment_facts(client: CoderClient) -> DeploymentFacts:
    """Ask the deployment; raises `CoderError` where it does not answer or the token is refused."""
    info = client.deployment.build_info()
    user = client.deployment.me()
    answers = {path: _probe(client, path) for path in _paths()}
    served = tuple(path for path, found in answers.items() if found.is_so)
    gateway = answers[served[0]] if served else _most_telling(answers)
    providers = _providers(client)
    return DeploymentFacts(
        url=client.login.url,
        version=_version(info.version),
        version_text=info.version,
        user=user.username,
        entitled=_entitled(client),
        paths=served,
        gateway=gateway,
        byok=_byok(client, served[0]) if served else Found(None, "no gateway answers"),
        providers=providers,
        chatgpt=_chatgpt(client, served, providers),
    )


def _paths() -> tuple[str, ...]:
    known = coder_gateway()
    return (*known.other_api_paths, known.api_path)


def _version(text: str) -> Version | None:
    try:
        return Version.parse(text)
    except ValueError:
        return None


def _entitled(client: CoderClient) -> Found:
    try:
        feature = client.deployment.entitlements().features.get(_FEATURE)
    except CoderError as error:
        return Found(None, str(error))
    if feature is None:
        return Found(False, "the licence does not know it")
    words = f"{feature.entitlement.replace('_', ' ')}, {'on' if feature.enabled else 'off'}"
    return Found(feature.entitlement != "not_entitled" and feature.enabled, words)


def _probe(client: CoderClient, path: str) -> Found:
    """Ask without any credential: the gateway itself answers 400, what is in its way otherwise."""
    status, problem = client.deployment.probe(
        _below(path, "openai/v1/models"), headers={}, is_anonymous=True
    )
    words = problem.words.lower()
    is_there = status == httpx.codes.BAD_REQUEST and "authentication key" in words
    if is_there:
        return Found(True, "answers")
    if _OFF in words:
        return Found(False, "is off: CODER_AI_GATEWAY_ENABLED")
    if _NO_LICENCE in words:
        return Found(False, problem.words)
    if status == 0:
        return Found(None, problem.words)
    return Found(False, "is not there" if status == httpx.codes.NOT_FOUND else f"answers {status}")


def _most_telling(answers: dict[str, Found]) -> Found:
    told = [found for found in answers.values() if found.seen != "is not there"]
    return told[-1] if told else Found(False, "is not there")


def _byok(client: CoderClient, path: str) -> Found:
    header = coder_gateway().token_header
    status, problem = client.deployment.probe(
        _below(path, "openai/v1/models"), headers={header: _PROBE}, is_anonymous=True
    )
    if _BYOK_OFF in problem.words.lower():
        return Found(False, problem.words)
    if status == httpx.codes.FORBIDDEN:
        return Found(True, "allowed")
    return Found(None, f"the gateway answered {status}: {problem.words}")


def _providers(client: CoderClient) -> tuple[str, ...] | None:
    try:
        found = client.deployment.ai_providers()
    except ApiError as error:
        if error.status not in _NOT_FOR_YOU:
            raise
        return None
    return tuple(provider.name for provider in found if provider.enabled)


def _chatgpt(
    client: CoderClient, served: tuple[str, ...], providers: tuple[str, ...] | None
) -> Found:
    if providers is not None:
        is_there = CHATGPT in providers
        return Found(
            is_there, "is there" if is_there else f"none of {', '.join(providers) or 'none'}"
        )
    if not served:
        return Found(None, "no gateway answers")
    header = coder_gateway().token_header
    status, problem = client.deployment.probe(
        _below(served[0], f"{CHATGPT}/v1/models"),
        headers={header: client.login.token.reveal()},
        is_anonymous=True,
    )
    words = problem.words
    if any(reason in words.lower() for reason in (_UNKNOWN_ROUTE, _DISABLED)):
        return Found(False, words)
    if _BYOK_OFF in words.lower():
        return Found(None, "only known where BYOK is allowed")
    if status in _OF_PROVIDER:
        return Found(True, "is there")
    # Budget, limits and failures come before the provider is looked for.
    return Found(None, f"the gateway answered {status}: {words}" if status else words)


def _below(path: str, rest: str) -> str:
    return f"{path.removeprefix('/api/v2')}/{rest}"
